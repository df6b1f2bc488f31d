package io.wgfabric.core.state;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Event;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Plane;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RemovedNode;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Sealing;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/** The state while one command changes it; it keeps the indexes true. Confined to one call of the machine. */
final class Draft {
    final Revision revision;
    final Instant time;
    final Actor actor;
    final List<Event> events = new ArrayList<>();

    @Nullable Cluster cluster;

    TreePMap<String, Bytes> secrets;
    TreePMap<String, Bytes> publicKeys;
    Sealing sealing;
    TreePMap<OperatorId, Operator> operators;
    TreePMap<NodeId, Node> nodes;
    TreePMap<TokenId, Token> tokens;
    AddressBook addresses;
    private TreePMap<NodeId, Revision> removedManagers;
    private RemovedNodes removedNodes;

    private TreePMap<NodeName, NodeId> names;
    private TreePMap<PublicKey, NodeId> keys;

    Draft(State state, Revision revision, Instant time, Actor actor) {
        this.revision = revision;
        this.time = time;
        this.actor = actor;
        cluster = state.cluster();
        secrets = state.secrets();
        publicKeys = state.publicKeys();
        sealing = state.sealing();
        operators = state.operators();
        nodes = state.nodes();
        names = state.names();
        keys = state.keys();
        tokens = state.tokens();
        addresses = state.addresses();
        removedManagers = state.removedManagers();
        removedNodes = state.removedNodes();
    }

    State toState(RequestTable requests, AuditChain audit) {
        return new State(
                revision,
                time,
                cluster,
                secrets,
                publicKeys,
                sealing,
                operators,
                nodes,
                names,
                keys,
                tokens,
                addresses,
                requests,
                audit,
                removedManagers,
                removedNodes);
    }

    @Nullable NodeId holderOf(PublicKey key) {
        return keys.get(key);
    }

    @Nullable NodeId holderOf(NodeName name) {
        return names.get(name);
    }

    void addNode(Node node) {
        nodes = nodes.plus(node.id(), node);
        names = names.plus(node.name(), node.id());
        removedManagers = removedManagers.minus(node.id());
        removedNodes = removedNodes.without(node.id());
        for (Plane plane : Plane.values()) {
            keys = keys.plus(node.keys().on(plane), node.id());
        }
        events.add(new Event.NodeJoined(node.id()));
    }

    /** Puts a changed node in the place of the one with its id; its name does not change. */
    void changeNode(Node node) {
        Node before = nodes.get(node.id());
        if (before == null) {
            throw new IllegalStateException("only a member can be changed");
        }
        for (Plane plane : Plane.values()) {
            if (!before.keys().on(plane).equals(node.keys().on(plane))) {
                keys = keys.minus(before.keys().on(plane)).plus(node.keys().on(plane), node.id());
            }
        }
        nodes = nodes.plus(node.id(), node);
        events.add(new Event.NodeChanged(node.id()));
    }

    /** @param cause why, for people */
    void removeNode(Node node, String cause) {
        nodes = nodes.minus(node.id());
        names = names.minus(node.name());
        for (Plane plane : Plane.values()) {
            keys = keys.minus(node.keys().on(plane));
        }
        for (Address address : node.addresses()) {
            addresses = addresses.takeBack(address, time.plus(Limits.ADDRESS_COOL_DOWN));
        }
        Token token = node.token() == null ? null : tokens.get(node.token());
        if (token != null) {
            tokens = tokens.plus(token.id(), token.withNodes(lineage(token).minus(node.id())));
        }
        if (node.isManager()) {
            rememberRemoved(node.id());
        }
        removedNodes = removedNodes.plus(new RemovedNode(node, time, cause, actor));
        events.add(new Event.NodeRemoved(node.id()));
    }

    /** Who joined with a token, as a set that is changed in O(log n); a decoded snapshot has other sets. */
    static TreePSet<NodeId> lineage(Token token) {
        return token.nodes() instanceof TreePSet<NodeId> shared ? shared : TreePSet.from(token.nodes());
    }

    private void rememberRemoved(NodeId manager) {
        removedManagers = removedManagers.plus(manager, revision);
        if (removedManagers.size() > Limits.REMOVED_MANAGERS) {
            removedManagers =
                    removedManagers.minus(Collections.min(removedManagers.entrySet(), Map.Entry.comparingByValue())
                            .getKey());
        }
    }
}
