package io.wgfabric.api;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The whole state at one revision: immutable, so all that is read from one view belongs together. */
public interface FabricView {

    Revision revision();

    /** The newest time that a command carried; the state knows no other clock. */
    Instant time();

    /** Empty until the cluster was bootstrapped. */
    Optional<Cluster> cluster();

    /** Which state this is; of epoch 0 until the cluster was bootstrapped. */
    default Edition edition() {
        return new Edition(cluster().map(Cluster::epoch).orElse(0L), revision());
    }

    /** In the order of their ids. */
    Collection<Node> nodes();

    Optional<Node> node(NodeId id);

    Optional<Node> node(NodeName name);

    /** Who has this address, or none. */
    Optional<Node> node(Address address);

    /** The pools in the order in which they give addresses. */
    List<PoolUse> pools();

    /** What an address is used for; empty if it is never given: no pool's, or a network's own. */
    Optional<AddressUse> address(Address address);

    /**
     * A part of the addresses that are in use or came back, in their order; those that were never given are left out.
     *
     * @param after where to begin, itself left out; null for the first
     */
    List<AddressUse> addresses(@Nullable Address after, int limit);

    /** Whether this was a manager once and is none for good; known of the newest {@link Limits#REMOVED_MANAGERS}. */
    boolean isRemovedManager(NodeId id);

    /** The newest that were removed, oldest first: {@link Limits#REMOVED_NODES} of {@link Limits#REMOVED_NODES_FOR}. */
    List<RemovedNode> removedNodes();

    Optional<RemovedNode> removedNode(NodeId id);

    /** In the order of their ids. */
    Collection<Token> tokens();

    Optional<Token> token(TokenId id);

    /** A public key of the cluster by name, see {@link Command.BootstrapCluster#publicKeys}. */
    Optional<Bytes> publicKey(String name);

    /** A secret of the cluster by name: ciphertext, of use only to a manager that has the sealing key. */
    Optional<Bytes> sealedSecret(String name);

    /** All of them by name. */
    SortedMap<String, Bytes> sealedSecrets();

    /** Under which key the secrets are sealed. */
    Sealing sealing();

    Optional<Operator> operator(OperatorId id);

    /** In the order of their ids. */
    Collection<Operator> operators();

    /** The newest entries of the audit chain, oldest first, at most {@link Limits#AUDIT_ENTRIES}. */
    List<AuditEntry> audit();

    /** SHA-256 over the whole state. Equal on every manager at the same revision. Costs as much as a snapshot. */
    Bytes digest();
}
