package io.wgfabric.core;

import io.wgfabric.api.Address;
import io.wgfabric.api.AddressUse;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.PoolUse;
import io.wgfabric.api.RemovedNode;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Sealing;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.state.State;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** A state as applications see it. */
public record StateView(State state) implements FabricView {

    @Override
    public Revision revision() {
        return state.revision();
    }

    @Override
    public Instant time() {
        return state.time();
    }

    @Override
    public Optional<Cluster> cluster() {
        return Optional.ofNullable(state.cluster());
    }

    @Override
    public Collection<Node> nodes() {
        return state.nodes().values();
    }

    @Override
    public Optional<Node> node(NodeId id) {
        return state.find(id);
    }

    @Override
    public Optional<Node> node(NodeName name) {
        return state.find(name);
    }

    @Override
    public Optional<Node> node(Address address) {
        return state.find(address);
    }

    @Override
    public List<PoolUse> pools() {
        return state.addresses().pools().stream()
                .map(pool -> state.addresses().use(pool))
                .toList();
    }

    @Override
    public Optional<AddressUse> address(Address address) {
        return state.addresses().mayGive(address)
                ? Optional.of(state.addresses().use(address, state.time()))
                : Optional.empty();
    }

    @Override
    public List<AddressUse> addresses(@Nullable Address after, int limit) {
        return state.addresses().after(after, limit).stream()
                .map(address -> state.addresses().use(address, state.time()))
                .toList();
    }

    @Override
    public boolean isRemovedManager(NodeId id) {
        return state.removedManagers().containsKey(id);
    }

    @Override
    public List<RemovedNode> removedNodes() {
        return state.removedNodes().oldestFirst().stream().filter(this::isShown).toList();
    }

    @Override
    public Optional<RemovedNode> removedNode(NodeId id) {
        return Optional.ofNullable(state.removedNodes().find(id)).filter(this::isShown);
    }

    private boolean isShown(RemovedNode removed) {
        return removed.removed().plus(Limits.REMOVED_NODES_FOR).isAfter(state.time());
    }

    @Override
    public Collection<Token> tokens() {
        return state.tokens().values();
    }

    @Override
    public Optional<Token> token(TokenId id) {
        return Optional.ofNullable(state.tokens().get(id));
    }

    @Override
    public Optional<Bytes> publicKey(String name) {
        return Optional.ofNullable(state.publicKeys().get(name));
    }

    @Override
    public Optional<Bytes> sealedSecret(String name) {
        return Optional.ofNullable(state.secrets().get(name));
    }

    @Override
    public SortedMap<String, Bytes> sealedSecrets() {
        return state.secrets();
    }

    @Override
    public Sealing sealing() {
        return state.sealing();
    }

    @Override
    public Optional<Operator> operator(OperatorId id) {
        return Optional.ofNullable(state.operators().get(id));
    }

    @Override
    public Collection<Operator> operators() {
        return state.operators().values();
    }

    @Override
    public List<AuditEntry> audit() {
        return List.copyOf(state.auditEntries());
    }

    @Override
    public Bytes digest() {
        return Codec.digest(state);
    }
}
