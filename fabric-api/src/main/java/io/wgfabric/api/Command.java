package io.wgfabric.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A wish to change the fabric. All-or-nothing; decided in one place, in one order, the same on every manager. No part is
 * null but those that say so: what reaches the log must be whole, since the machine never throws.
 */
public sealed interface Command {

    <R> R accept(Visitor<R> visitor);

    /** The cluster level from which it may be used: below it, a manager may be one that cannot read it. */
    default int requiredLevel() {
        return 1;
    }

    /** What came with level 2. */
    sealed interface SinceLevel2 extends Command {
        @Override
        default int requiredLevel() {
            return 2;
        }
    }

    /** One method for each command, so that nobody forgets one. */
    interface Visitor<R> {
        R bootstrapCluster(BootstrapCluster command);

        R createToken(CreateToken command);

        R revokeToken(RevokeToken command);

        R joinNode(JoinNode command);

        R updateNode(UpdateNode command);

        R removeNode(RemoveNode command);

        R quarantineNode(QuarantineNode command);

        R releaseNode(ReleaseNode command);

        R rotateNodeKey(RotateNodeKey command);

        R publishKey(PublishKey command);

        R advanceRotation(AdvanceRotation command);

        R recordRefusal(RecordRefusal command);

        R raiseLevel(RaiseLevel command);

        R recoverCluster(RecoverCluster command);

        R rotateSealingKey(RotateSealingKey command);

        R addPool(AddPool command);

        R reserveAddress(ReserveAddress command);

        R releaseAddress(ReleaseAddress command);

        R createOperator(CreateOperator command);

        R revokeOperator(RevokeOperator command);

        R approveNode(ApproveNode command);

        R endQuarantine(EndQuarantine command);

        R rotateSigningKey(RotateSigningKey command);

        R useSigningKey(UseSigningKey command);

        R retireSigningKey(RetireSigningKey command);

        R setMeshPolicy(SetMeshPolicy command);

        R setPresharedKeys(SetPresharedKeys command);

        R setHub(SetHub command);

        R offerRoutes(OfferRoutes command);

        R approveRoutes(ApproveRoutes command);
    }

    /**
     * Makes the cluster; the first command of every log.
     *
     * @param pools the first address pools; {@link AddPool} adds more
     * @param caCertificate the certificate authority's certificate, DER
     * @param secrets the cluster's private keys by name, each sealed: ciphertext only
     * @param publicKeys the public halves by name, as X.509 SubjectPublicKeyInfo or certificate, DER
     * @param admin the first operator
     */
    record BootstrapCluster(
            ClusterId cluster,
            List<Prefix> pools,
            Bytes caCertificate,
            SortedMap<String, Bytes> secrets,
            SortedMap<String, Bytes> publicKeys,
            Operator admin)
            implements Command {
        public BootstrapCluster {
            Objects.requireNonNull(cluster);
            Objects.requireNonNull(pools);
            Objects.requireNonNull(caCertificate);
            Objects.requireNonNull(secrets);
            Objects.requireNonNull(publicKeys);
            Objects.requireNonNull(admin);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.bootstrapCluster(this);
        }
    }

    /**
     * Makes a token. Its times are the state's, so that the same wish through another manager is the same command.
     *
     * @param notBefore from when it admits; null for from now
     * @param ttl how long it admits from then
     * @param uses how many joins it admits; 0 for any number
     * @param approval true if each node that joins with it waits for an operator's approval, else null; peers alone
     * @param grace how long its ephemeral nodes may be away; null for {@link Limits#EPHEMERAL_GRACE}
     */
    record CreateToken(
            TokenId token,
            Role role,
            @Nullable Instant notBefore,
            Duration ttl,
            int uses,
            SortedSet<String> tags,
            @Nullable Address address,
            boolean ephemeral,
            @Nullable Boolean approval,
            @Nullable Duration grace)
            implements Command {
        public CreateToken {
            Objects.requireNonNull(token);
            Objects.requireNonNull(role);
            Objects.requireNonNull(ttl);
            Objects.requireNonNull(tags);
            // One way to say no, so that the same wish is the same bytes.
            approval = Boolean.TRUE.equals(approval) ? approval : null;
        }

        /** Whose nodes need no approval. */
        public CreateToken(
                TokenId token,
                Role role,
                @Nullable Instant notBefore,
                Duration ttl,
                int uses,
                SortedSet<String> tags,
                @Nullable Address address,
                boolean ephemeral) {
            this(token, role, notBefore, ttl, uses, tags, address, ephemeral, null, null);
        }

        @Override
        public int requiredLevel() {
            return approval == null && grace == null ? 1 : 2;
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.createToken(this);
        }
    }

    /** @param cascade also quarantine every node that joined with it */
    record RevokeToken(TokenId token, boolean cascade) implements Command {
        public RevokeToken {
            Objects.requireNonNull(token);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.revokeToken(this);
        }
    }

    /**
     * Counts a use of the token, gives the addresses, accepts the keys and makes the node, or does none of it.
     *
     * @param token null only where the caller needs none: a manager while there is no other
     * @param name null to have one made from the node's id
     * @param keys the node's public keys
     * @param endpoints where its WireGuard can be reached from outside, by plane
     * @param services how a manager is reached by others; null for a peer
     */
    record JoinNode(
            @Nullable TokenId token,
            NodeId node,
            Role role,
            @Nullable NodeName name,
            NodeKeys keys,
            NodeEndpoints endpoints,
            @Nullable ManagerServices services)
            implements Command {
        public JoinNode {
            Objects.requireNonNull(node);
            Objects.requireNonNull(role);
            Objects.requireNonNull(keys);
            // Of which generation they are is for the machine to say.
            keys = keys.of(0);
            Objects.requireNonNull(endpoints);
        }

        @Override
        public int requiredLevel() {
            return endpoints.requiredLevel();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.joinNode(this);
        }
    }

    /** Tells where a node that came back is reached now. */
    record UpdateNode(
            NodeId node, NodeEndpoints endpoints, @Nullable ManagerServices services) implements Command {
        public UpdateNode {
            Objects.requireNonNull(node);
            Objects.requireNonNull(endpoints);
        }

        @Override
        public int requiredLevel() {
            return endpoints.requiredLevel();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.updateNode(this);
        }
    }

    /** Takes a node out for good: it left, or an operator removed it. */
    record RemoveNode(NodeId node, String reason) implements Command {
        public RemoveNode {
            Objects.requireNonNull(node);
            Objects.requireNonNull(reason);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.removeNode(this);
        }
    }

    /**
     * Cuts a node off. One whose quarantine would end by itself gets another instead.
     *
     * @param period after which it ends by itself, counted from the state's time; null for never
     */
    record QuarantineNode(
            NodeId node, String reason, @Nullable Duration period) implements Command {
        public QuarantineNode {
            Objects.requireNonNull(node);
            Objects.requireNonNull(reason);
        }

        /** Until it is released. */
        public QuarantineNode(NodeId node, String reason) {
            this(node, reason, null);
        }

        @Override
        public int requiredLevel() {
            return period == null ? 1 : 2;
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.quarantineNode(this);
        }
    }

    record ReleaseNode(NodeId node) implements Command {
        public ReleaseNode {
            Objects.requireNonNull(node);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.releaseNode(this);
        }
    }

    /** Begins a rotation of a node's keys; see {@link Rotation}. */
    record RotateNodeKey(NodeId node) implements Command {
        public RotateNodeKey {
            Objects.requireNonNull(node);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.rotateNodeKey(this);
        }
    }

    /** The rotating node gives the new key of a plane that carries none of its pairs. */
    record PublishKey(NodeId node, Plane plane, PublicKey key) implements Command {
        public PublishKey {
            Objects.requireNonNull(node);
            Objects.requireNonNull(plane);
            Objects.requireNonNull(key);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.publishKey(this);
        }
    }

    /**
     * Ends a phase of a rotation, since every online node has done its part, or gives the rotation up: its node has
     * gone, so pairs that had moved go back to the main plane and its keys.
     *
     * @param from the phase to end; refused if it is another by now
     */
    record AdvanceRotation(NodeId node, Rotation.Phase from, boolean abort) implements Command {
        public AdvanceRotation {
            Objects.requireNonNull(node);
            Objects.requireNonNull(from);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.advanceRotation(this);
        }
    }

    /**
     * Puts into the audit chain what was refused before it could become a command.
     *
     * @param subject what was asked for
     * @param reason why not
     * @param count how often since the last record; an attacker fills no log
     */
    record RecordRefusal(String subject, Rejection.Reason reason, int count) implements Command {
        public RecordRefusal {
            Objects.requireNonNull(subject);
            Objects.requireNonNull(reason);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.recordRefusal(this);
        }
    }

    /**
     * Lets the cluster use what came with a level, since the software of every manager knows it. It is never taken
     * back.
     *
     * @param level higher than the cluster's
     */
    record RaiseLevel(int level) implements Command {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.raiseLevel(this);
        }
    }

    /**
     * Begins a new epoch with one manager, since a majority of the others is lost: they are removed, and whatever they
     * may still say is of the dead epoch. Only the fabric itself asks for it, on the survivor's own machine.
     *
     * @param epoch the new epoch, the one after the present; so two recoveries at once cannot both be meant
     * @param survivor the manager that goes on; a cluster that is restored has it join next
     */
    record RecoverCluster(long epoch, NodeId survivor, String reason) implements Command {
        public RecoverCluster {
            Objects.requireNonNull(survivor);
            Objects.requireNonNull(reason);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.recoverCluster(this);
        }
    }

    /**
     * Puts the cluster's secrets under a new sealing key, and gives that key to the managers of now.
     *
     * @param generation of the new key: one more than that of the old
     * @param secrets all secrets of the state by name, sealed under the new key
     * @param wrapped the new key for each active manager, encrypted to its {@link ManagerServices#key}
     */
    record RotateSealingKey(int generation, SortedMap<String, Bytes> secrets, SortedMap<NodeId, Bytes> wrapped)
            implements SinceLevel2 {
        public RotateSealingKey {
            Objects.requireNonNull(secrets);
            Objects.requireNonNull(wrapped);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.rotateSealingKey(this);
        }
    }

    /**
     * Lets the cluster give addresses of one more prefix. Nodes keep those that they have; a node from before the first
     * pool of a family has none of that family.
     */
    record AddPool(Prefix pool) implements SinceLevel2 {
        public AddPool {
            Objects.requireNonNull(pool);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.addPool(this);
        }
    }

    /**
     * Keeps an address for the node of a name: the one that has it now, or the next that joins. One of each family for a
     * name.
     */
    record ReserveAddress(Address address, NodeName name) implements SinceLevel2 {
        public ReserveAddress {
            Objects.requireNonNull(address);
            Objects.requireNonNull(name);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.reserveAddress(this);
        }
    }

    /** Drops an address's reservation; if it has none, ends its rest. */
    record ReleaseAddress(Address address) implements SinceLevel2 {
        public ReleaseAddress {
            Objects.requireNonNull(address);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.releaseAddress(this);
        }
    }

    /**
     * Lets an operator in. His credential is made by whoever asks; the managers learn the hash of its secret alone.
     *
     * @param operator with an id and a name that no other has
     */
    record CreateOperator(Operator operator) implements SinceLevel2 {
        public CreateOperator {
            Objects.requireNonNull(operator);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.createOperator(this);
        }
    }

    /** Forgets an operator, so that his credential is good for nothing any more; refused for the last admin. */
    record RevokeOperator(OperatorId operator) implements SinceLevel2 {
        public RevokeOperator {
            Objects.requireNonNull(operator);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.revokeOperator(this);
        }
    }

    /** Lets a pending node into the mesh. */
    record ApproveNode(NodeId node) implements SinceLevel2 {
        public ApproveNode {
            Objects.requireNonNull(node);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.approveNode(this);
        }
    }

    /**
     * Ends a quarantine whose time is over; only the fabric itself asks for it.
     *
     * @param until when it was to end; refused before, and if it is another by now
     */
    record EndQuarantine(NodeId node, Instant until) implements SinceLevel2 {
        public EndQuarantine {
            Objects.requireNonNull(node);
            Objects.requireNonNull(until);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.endQuarantine(this);
        }
    }

    /**
     * Begins a rotation of a signing key: makes the next one known to every manager.
     *
     * @param generation of the next key: one more than that of the newest
     * @param sealing the generation of the sealing key that the secret is sealed under
     * @param secret the private key, sealed
     * @param publicKey as in {@link BootstrapCluster#publicKeys}; an authority's certificate
     * @param cross for an authority alone: the same key, certified by the authority before
     * @param signer for an authority alone: the certificate that the key which signs configurations has from it
     * @param signerOf which generation of that key it is for; 0 for none
     */
    record RotateSigningKey(
            SigningKey key,
            int generation,
            int sealing,
            Bytes secret,
            Bytes publicKey,
            @Nullable Bytes cross,
            @Nullable Bytes signer,
            int signerOf)
            implements SinceLevel2 {
        public RotateSigningKey {
            Objects.requireNonNull(key);
            Objects.requireNonNull(secret);
            Objects.requireNonNull(publicKey);
        }

        /** Of a key that is no authority's. */
        public RotateSigningKey(SigningKey key, int generation, int sealing, Bytes secret, Bytes publicKey) {
            this(key, generation, sealing, secret, publicKey, null, null, 0);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.rotateSigningKey(this);
        }
    }

    /** Signs with the newest key from now on, since every manager knows it; the old private key is forgotten. */
    record UseSigningKey(SigningKey key, int generation) implements SinceLevel2 {
        public UseSigningKey {
            Objects.requireNonNull(key);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.useSigningKey(this);
        }
    }

    /**
     * Ends a rotation: what the old key signed is not believed any more.
     *
     * @param generation of the old key
     */
    record RetireSigningKey(SigningKey key, int generation) implements SinceLevel2 {
        public RetireSigningKey {
            Objects.requireNonNull(key);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.retireSigningKey(this);
        }
    }

    /** Says what is wanted of the mesh as a whole. Refused if nobody could be a hub where hubs are wanted. */
    record SetMeshPolicy(MeshPolicy policy) implements SinceLevel2 {
        public SetMeshPolicy {
            Objects.requireNonNull(policy);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.setMeshPolicy(this);
        }
    }

    /**
     * Switches the pre-shared keys of pairs on, with a new secret of the cluster, or off; see {@link PresharedKeys}.
     * Does nothing if they are so already.
     *
     * @param generation of the new secret, one more than that of the last; of the present one to switch off
     * @param sealing the generation of the sealing key that the secret is sealed under
     * @param secret sealed; null to switch off
     */
    record SetPresharedKeys(
            int generation, int sealing, @Nullable Bytes secret) implements SinceLevel2 {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.setPresharedKeys(this);
        }
    }

    /** Says whether a node forwards between others. Refused for one that the others cannot reach. */
    record SetHub(NodeId node, boolean hub) implements SinceLevel2 {
        public SetHub {
            Objects.requireNonNull(node);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.setHub(this);
        }
    }

    /** A node says which networks behind it it would forward to; nothing is sent there before that is approved. */
    record OfferRoutes(NodeId node, List<Prefix> networks) implements SinceLevel2 {
        public OfferRoutes {
            Objects.requireNonNull(node);
            networks = List.copyOf(networks);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.offerRoutes(this);
        }
    }

    /** Says to which of the offered networks the others send through a node; those left out are so no longer. */
    record ApproveRoutes(NodeId node, List<Prefix> networks) implements SinceLevel2 {
        public ApproveRoutes {
            Objects.requireNonNull(node);
            networks = List.copyOf(networks);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.approveRoutes(this);
        }
    }
}
