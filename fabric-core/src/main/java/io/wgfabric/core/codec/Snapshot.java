package io.wgfabric.core.codec;

import io.wgfabric.api.Address;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RemovedNode;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Sealing;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.state.AddressBook;
import io.wgfabric.core.state.AuditChain;
import io.wgfabric.core.state.RemovedNodes;
import io.wgfabric.core.state.RequestTable;
import io.wgfabric.core.state.State;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * The written form of a state, version 1: lists in the order of their keys, without what can be derived.
 *
 * @param sealing null, as first written, for {@link Sealing#FIRST}
 * @param removedNodes oldest first; null, as first written, for none
 */
record Snapshot(
        int version,
        Revision revision,
        Instant time,
        @Nullable Cluster cluster,
        SortedMap<String, Bytes> secrets,
        SortedMap<String, Bytes> publicKeys,
        @Nullable Sealing sealing,
        List<Operator> operators,
        List<Node> nodes,
        List<Token> tokens,
        List<Resting> resting,
        List<Reserved> reserved,
        List<Answered> requests,
        long auditCount,
        Bytes auditLast,
        List<AuditEntry> audit,
        List<RemovedManager> removedManagers,
        @Nullable List<RemovedNode> removedNodes) {
    private static final int VERSION = 1;

    record Answered(RequestTable.Asked asked, Bytes fingerprint, Outcome outcome, Instant time) {}

    /** @param token for which the address is kept; null if it came back */
    record Resting(Address address, Instant until, @Nullable TokenId token) {}

    record Reserved(Address address, NodeName name) {}

    record RemovedManager(NodeId id, Revision since) {}

    Snapshot {
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "a snapshot of version " + version + "; this program reads version " + VERSION + ": upgrade it");
        }
    }

    static Snapshot of(State state) {
        RequestTable table = state.requests();
        return new Snapshot(
                VERSION,
                state.revision(),
                state.time(),
                state.cluster(),
                state.secrets(),
                state.publicKeys(),
                state.sealing().equals(Sealing.FIRST) ? null : state.sealing(),
                List.copyOf(state.operators().values()),
                List.copyOf(state.nodes().values()),
                List.copyOf(state.tokens().values()),
                state.addresses().resting().entrySet().stream()
                        .map(rest -> new Resting(
                                rest.getKey(),
                                rest.getValue().until(),
                                rest.getValue().token()))
                        .toList(),
                state.addresses().reserved().entrySet().stream()
                        .map(kept -> new Reserved(kept.getKey(), kept.getValue()))
                        .toList(),
                table.order().values().stream()
                        .map(asked -> answered(table, asked))
                        .toList(),
                state.audit().count(),
                state.audit().last(),
                List.copyOf(state.audit().entries().values()),
                state.removedManagers().entrySet().stream()
                        .map(removed -> new RemovedManager(removed.getKey(), removed.getValue()))
                        .toList(),
                state.removedNodes().order().isEmpty()
                        ? null
                        : state.removedNodes().oldestFirst());
    }

    private static Answered answered(RequestTable table, RequestTable.Asked asked) {
        RequestTable.Answer answer = table.answers().get(asked);
        if (answer == null) {
            throw new IllegalStateException("the request table lost " + asked);
        }
        return new Answered(asked, answer.fingerprint(), answer.outcome(), answer.time());
    }

    State toState() {
        TreePMap<NodeId, Node> byId = TreePMap.empty();
        TreePMap<NodeName, NodeId> names = TreePMap.empty();
        TreePMap<PublicKey, NodeId> keys = TreePMap.empty();
        TreePMap<Address, NodeId> leases = TreePMap.empty();
        for (Node node : nodes) {
            byId = byId.plus(node.id(), node);
            names = names.plus(node.name(), node.id());
            for (Plane plane : Plane.values()) {
                keys = keys.plus(node.keys().on(plane), node.id());
            }
            for (Address address : node.addresses()) {
                leases = leases.plus(address, node.id());
            }
        }
        return new State(
                revision,
                time,
                cluster,
                TreePMap.from(secrets),
                TreePMap.from(publicKeys),
                sealing == null ? Sealing.FIRST : sealing,
                operators.stream().collect(TreePMap.toTreePMap(Operator::id, operator -> operator)),
                byId,
                names,
                keys,
                tokens.stream().collect(TreePMap.toTreePMap(Token::id, token -> token)),
                book(leases),
                table(),
                chain(),
                removedManagers.stream().collect(TreePMap.toTreePMap(RemovedManager::id, RemovedManager::since)),
                RemovedNodes.of(removedNodes == null ? List.of() : removedNodes));
    }

    private AddressBook book(TreePMap<Address, NodeId> leases) {
        return AddressBook.restored(
                cluster == null ? List.of() : cluster.pools(),
                leases,
                resting.stream()
                        .collect(TreePMap.toTreePMap(
                                Resting::address, rest -> new AddressBook.Pause(rest.until(), rest.token()))),
                reserved.stream().collect(TreePMap.toTreePMap(Reserved::address, Reserved::name)));
    }

    private RequestTable table() {
        TreePMap<RequestTable.Asked, RequestTable.Answer> answers = TreePMap.empty();
        TreePMap<Long, RequestTable.Asked> order = TreePMap.empty();
        for (Answered answered : requests) {
            answers = answers.plus(
                    answered.asked(),
                    new RequestTable.Answer(answered.fingerprint(), answered.outcome(), answered.time()));
            order = order.plus(answered.outcome().revision().number(), answered.asked());
        }
        return new RequestTable(answers, order);
    }

    private AuditChain chain() {
        TreePMap<Long, AuditEntry> entries =
                audit.stream().collect(TreePMap.toTreePMap(AuditEntry::number, entry -> entry));
        return new AuditChain(entries, auditCount, auditLast);
    }
}
