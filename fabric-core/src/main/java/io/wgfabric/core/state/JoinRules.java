package io.wgfabric.core.state;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Command.JoinNode;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.Token;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** How a node is admitted: the token's use, the addresses, the keys and the node itself, or nothing of it. */
final class JoinRules {
    private JoinRules() {}

    static Verdict join(Draft draft, Actor actor, JoinNode command) {
        Verdict refusal = refusalOf(draft, actor, command);
        if (refusal != null) {
            return refusal;
        }
        Token token = command.token() == null ? null : draft.tokens.get(command.token());
        List<Address> addresses = new ArrayList<>();
        Verdict exhausted = giveAddresses(draft, command, token, addresses);
        if (exhausted != null) {
            return exhausted;
        }
        if (token != null) {
            draft.tokens = draft.tokens.plus(
                    token.id(), token.withUse(Draft.lineage(token).plus(command.node())));
        }
        NodeName name = nameOf(command);
        boolean pending = token != null && token.needsApproval();
        SortedSet<String> tags = token == null ? Collections.emptySortedSet() : token.tags();
        draft.addNode(new Node(
                command.node(),
                name,
                command.role(),
                pending ? Node.State.PENDING : Node.State.ACTIVE,
                List.copyOf(addresses),
                PresharedKeyRules.published(draft, command.keys()),
                command.endpoints(),
                command.services(),
                tags,
                token != null && token.ephemeral(),
                command.token(),
                null,
                draft.time,
                draft.time,
                pending ? "waits for approval" : "joined",
                null,
                actor,
                token == null ? null : token.grace()));
        return Verdict.accepted(
                command.node(),
                "name " + name + ", role " + command.role().text() + ", addresses " + addresses
                        + (token == null ? "" : ", token " + token.id())
                        + (pending ? ", waits for approval" : ""));
    }

    private static NodeName nameOf(JoinNode command) {
        return command.name() != null
                ? command.name()
                : new NodeName(command.node().text());
    }

    private static @Nullable Verdict refusalOf(Draft draft, Actor actor, JoinNode command) {
        if (command.token() == null) {
            // There is a manager at all times but before the first join and after a restore.
            boolean first =
                    command.role() == Role.MGMT && draft.nodes.values().stream().noneMatch(Node::isManager);
            if (!first || actor.kind() == Actor.Kind.TOKEN) {
                return Verdict.refused(
                        command.node(), Reason.NOT_ALLOWED, "a node joins with a token: fabric token create");
            }
        } else {
            if (actor.kind() == Actor.Kind.TOKEN
                    && !actor.id().equals(command.token().text())) {
                return Verdict.refused(command.node(), Reason.NOT_ALLOWED, "a token admits only by itself");
            }
            Verdict refused = TokenRules.refusalOf(draft, command.token(), command.role());
            if (refused != null) {
                return refused;
            }
        }
        if ((command.role() == Role.MGMT) != (command.services() != null)) {
            return Verdict.refused(
                    command.node(), Reason.INVALID, "a manager, and only a manager, says where its services are");
        }
        Verdict tooOld = LevelRules.refusalOf(draft, command.node(), command.services());
        if (tooOld != null) {
            return tooOld;
        }
        if (draft.nodes.containsKey(command.node())) {
            return Verdict.refused(command.node(), Reason.NODE_EXISTS, "this node is a member already");
        }
        String name = nameOf(command).text();
        if (NodeId.isValid(name) && !name.equals(command.node().text())) {
            return Verdict.refused(
                    command.node(), Reason.INVALID, "the name " + name + " reads like a node's id; choose another");
        }
        NodeId named = draft.holderOf(nameOf(command));
        if (named != null) {
            return Verdict.refused(
                    command.node(),
                    Reason.NAME_TAKEN,
                    "the name " + nameOf(command) + " belongs to node " + named
                            + "; choose another with --name, or remove that node first");
        }
        for (Plane plane : Plane.values()) {
            NodeId holder = draft.holderOf(command.keys().on(plane));
            if (holder != null) {
                return Verdict.refused(
                        command.node(),
                        Reason.KEY_TAKEN,
                        "this WireGuard key belongs to node " + holder + "; every node makes keys of its own");
            }
        }
        if (draft.nodes.size() >= Limits.NODES) {
            return Verdict.refused(
                    command.node(), Reason.LIMIT_REACHED, "the cluster has " + Limits.NODES + " nodes, its limit");
        }
        if (command.role() == Role.MGMT
                && draft.nodes.values().stream().filter(Node::isManager).count() >= Limits.MANAGERS) {
            return Verdict.refused(
                    command.node(),
                    Reason.LIMIT_REACHED,
                    "the cluster has " + Limits.MANAGERS + " managers, its limit; remove one first");
        }
        return null;
    }

    /** Gives one address of each family that has a pool; the refusal, if one cannot be given. */
    private static @Nullable Verdict giveAddresses(
            Draft draft, JoinNode command, @Nullable Token token, List<Address> into) {
        NodeId node = command.node();
        Address fixed = token == null ? null : token.address();
        for (boolean v4 : new boolean[] {true, false}) {
            if (!draft.addresses.hasPool(v4)) {
                continue;
            }
            if (token != null && fixed != null && fixed.isV4() == v4) {
                String taken = draft.addresses.refusalOf(fixed, nameOf(command), token.id(), draft.time);
                if (taken != null) {
                    return Verdict.refused(node, Reason.ADDRESS_TAKEN, taken);
                }
                draft.addresses = draft.addresses.lease(fixed, node);
                into.add(fixed);
                continue;
            }
            // Nobody else can have it: a member of this name would have kept this one from joining.
            Address reserved = draft.addresses.reservedFor(nameOf(command), v4);
            if (reserved != null) {
                draft.addresses = draft.addresses.lease(reserved, node);
                into.add(reserved);
                continue;
            }
            Optional<AddressBook.Given> given = draft.addresses.give(v4, node, draft.time);
            if (given.isEmpty()) {
                return exhausted(draft, node, v4);
            }
            draft.addresses = given.get().book();
            into.add(given.get().address());
        }
        return null;
    }

    private static Verdict exhausted(Draft draft, NodeId node, boolean v4) {
        AddressBook.Rest next = draft.addresses.nextRest(v4);
        return Verdict.refused(
                node,
                Reason.POOL_EXHAUSTED,
                "no " + (v4 ? "IPv4" : "IPv6") + " address is free"
                        + (next == null ? "" : " before " + next.until())
                        + "; add a pool with 'fabric ipam add-pool CIDR', or remove nodes");
    }
}
