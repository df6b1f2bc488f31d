package io.wgfabric.core.state;

import io.wgfabric.api.Address;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Sealing;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * All that is replicated, at one revision. Immutable and structurally shared, so that publishing it is one reference.
 *
 * @param names node ids by name
 * @param keys node ids by every public key in use
 * @param removedManagers ids of managers that were removed, and at which revision: nobody admits them again
 * @param removedNodes the newest of all that were removed, for people to look at
 */
public record State(
        Revision revision,
        Instant time,
        @Nullable Cluster cluster,
        TreePMap<String, Bytes> secrets,
        TreePMap<String, Bytes> publicKeys,
        Sealing sealing,
        TreePMap<OperatorId, Operator> operators,
        TreePMap<NodeId, Node> nodes,
        TreePMap<NodeName, NodeId> names,
        TreePMap<PublicKey, NodeId> keys,
        TreePMap<TokenId, Token> tokens,
        AddressBook addresses,
        RequestTable requests,
        AuditChain audit,
        TreePMap<NodeId, Revision> removedManagers,
        RemovedNodes removedNodes) {

    /** What every log begins with. */
    public static State empty() {
        return new State(
                Revision.ZERO,
                Instant.EPOCH,
                null,
                TreePMap.empty(),
                TreePMap.empty(),
                Sealing.FIRST,
                TreePMap.empty(),
                TreePMap.empty(),
                TreePMap.empty(),
                TreePMap.empty(),
                TreePMap.empty(),
                AddressBook.empty(),
                RequestTable.empty(),
                AuditChain.empty(),
                TreePMap.empty(),
                RemovedNodes.empty());
    }

    /** The managers that take part in the quorum or shall. */
    public List<Node> managers() {
        return nodes.values().stream().filter(Node::isManager).toList();
    }

    public Optional<Node> find(NodeId id) {
        return Optional.ofNullable(nodes.get(id));
    }

    public Optional<Node> find(NodeName name) {
        return Optional.ofNullable(names.get(name)).map(nodes::get);
    }

    public Optional<Node> find(Address address) {
        return Optional.ofNullable(addresses.leases().get(address)).map(nodes::get);
    }

    public Collection<AuditEntry> auditEntries() {
        return audit.entries().values();
    }
}
