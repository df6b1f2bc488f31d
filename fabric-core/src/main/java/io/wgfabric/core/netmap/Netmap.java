package io.wgfabric.core.netmap;

import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.api.Topology;
import io.wgfabric.core.crypto.AuthorityCertificate;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.state.SigningRules;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a mesh: all active nodes, the receiver among them. It is the same for every node of the mesh, so
 * that one encoding and one signature serve all of them, however many they are; each computes its own part. Only in a hub
 * topology a node that is no hub gets one of its own ({@link NetmapViews}), since what concerns other such nodes does not
 * concern it.
 *
 * @param revision of the state that it shows; a node refuses one that is older than what it has
 * @param members in the order of their ids
 * @param oldestSigner the oldest generation of keys that sign configurations; those before it are retired for good. Null,
 *     as first written, for 1
 * @param authorities those of the cluster that are to be believed from now on, and no others, the one that issues first;
 *     null, as first written, while the first one was not rotated
 * @param topology null, as first written, for {@link Topology#MESH}
 * @param spoke for whom alone it is; null, as first written, for all
 */
public record Netmap(
        ClusterId cluster,
        long epoch,
        Revision revision,
        int mtu,
        List<Prefix> pools,
        List<Member> members,
        @Nullable Integer oldestSigner,
        @Nullable List<AuthorityCertificate> authorities,
        @Nullable Topology topology,
        @Nullable Spoke spoke) {
    /** What fits into an Ethernet frame over IPv6 with WireGuard's 60 bytes and to spare, as wg-quick has it. */
    public static final int DEFAULT_MTU = 1420;

    public Netmap {
        Objects.requireNonNull(cluster);
        Objects.requireNonNull(revision);
        pools = List.copyOf(pools);
        members = List.copyOf(members);
        authorities = authorities == null ? null : List.copyOf(authorities);
    }

    /** Of a mesh in a cluster whose first key is not retired. */
    public Netmap(ClusterId cluster, long epoch, Revision revision, int mtu, List<Prefix> pools, List<Member> members) {
        this(cluster, epoch, revision, mtu, pools, members, null, null, null, null);
    }

    /**
     * What makes it the configuration of one node, which talks to hubs alone.
     *
     * @param receiver no other node may use it
     * @param routes the networks behind nodes that it is not told of
     */
    public record Spoke(NodeId receiver, List<Prefix> routes) {
        public Spoke {
            routes = List.copyOf(routes);
        }
    }

    /** Whether nodes have a tunnel with the hubs alone. */
    public boolean isHubbed() {
        return topology == Topology.HUB;
    }

    /** The generation of keys before which none is believed any more. */
    public int signersFrom() {
        return oldestSigner == null ? 1 : oldestSigner;
    }

    /**
     * A node as others need to know it.
     *
     * @param joined when it joined, in milliseconds: the newer one of a pair initiates
     * @param api where its REST interface is, if it is a manager
     * @param hub whether it was told to forward between others, or not to; absent for what its role says
     * @param routes the networks behind it that are sent to it; absent if there are none
     */
    public record Member(
            NodeId id,
            NodeName name,
            Role role,
            List<Address> addresses,
            NodeKeys keys,
            NodeEndpoints endpoints,
            Instant joined,
            @Nullable String api,
            @Nullable Rotation rotation,
            @Nullable Boolean hub,
            @Nullable List<Prefix> routes) {
        public Member {
            Objects.requireNonNull(id);
            Objects.requireNonNull(name);
            Objects.requireNonNull(role);
            addresses = List.copyOf(addresses);
            Objects.requireNonNull(keys);
            Objects.requireNonNull(endpoints);
            Objects.requireNonNull(joined);
            routes = routes == null ? null : List.copyOf(routes);
        }

        /** Of a node that forwards nothing. */
        public Member(
                NodeId id,
                NodeName name,
                Role role,
                List<Address> addresses,
                NodeKeys keys,
                NodeEndpoints endpoints,
                Instant joined,
                @Nullable String api,
                @Nullable Rotation rotation) {
            this(id, name, role, addresses, keys, endpoints, joined, api, rotation, null, null);
        }

        static Member of(Node node) {
            return new Member(
                    node.id(),
                    node.name(),
                    node.role(),
                    node.addresses(),
                    node.keys(),
                    node.endpoints(),
                    node.joined().truncatedTo(ChronoUnit.MILLIS),
                    node.services() == null ? null : node.services().api(),
                    node.rotation(),
                    node.routes().hub(),
                    node.routes().approved().isEmpty() ? null : node.routes().approved());
        }

        /** Whether it forwards between others, as {@link Node#isHub()} has it. */
        public boolean isHub() {
            return !endpoints.addresses().isEmpty() && (hub == null ? role == Role.MGMT : hub);
        }

        /** Whether pairs with this node belong on the spare plane. */
        public boolean isOut() {
            return rotation != null && rotation.isOut();
        }

        /** Whether pairs with this node need the spare plane at all. */
        public boolean usesSpare() {
            return rotation != null && rotation.usesSpare();
        }
    }

    /** The mesh at this view; empty before the cluster was bootstrapped. */
    public static Optional<Netmap> of(FabricView view) {
        return view.cluster().map(cluster -> of(cluster, view));
    }

    private static Netmap of(Cluster cluster, FabricView view) {
        int oldest = view.signing(SigningKey.CONFIG).oldest();
        return new Netmap(
                cluster.id(),
                cluster.epoch(),
                view.revision(),
                DEFAULT_MTU,
                cluster.pools(),
                view.nodes().stream().filter(Node::isActive).map(Member::of).toList(),
                oldest == 1 ? null : oldest,
                view.signing(SigningKey.AUTHORITY).newest() == 1 ? null : authorities(view),
                cluster.meshPolicy().topology() == Topology.MESH
                        ? null
                        : cluster.meshPolicy().topology(),
                null);
    }

    /**
     * The authorities of a state, the one that issues first.
     *
     * @throws CryptoException if there is no cluster yet, or the state lacks a certificate
     */
    public static List<AuthorityCertificate> authorities(FabricView view) {
        Cluster cluster = view.cluster().orElseThrow(() -> new CryptoException("there is no cluster yet"));
        SigningKeys keys = view.signing(SigningKey.AUTHORITY);
        AuthorityCertificate oldest = new AuthorityCertificate(keys.oldest(), cluster.caCertificate(), null);
        if (keys.isAtRest()) {
            return List.of(oldest);
        }
        AuthorityCertificate next = new AuthorityCertificate(
                keys.newest(),
                published(view, SigningRules.nameOf(SigningKey.AUTHORITY, keys.newest())),
                published(view, SigningRules.crossOf(keys.newest())));
        return keys.used() == keys.newest() ? List.of(next, oldest) : List.of(oldest, next);
    }

    private static Bytes published(FabricView view, String name) {
        return view.publicKey(name)
                .orElseThrow(() -> new CryptoException("the state has no certificate '" + name + "'"));
    }

    /** What tells an older configuration from a newer one. */
    public Edition edition() {
        return new Edition(epoch, revision);
    }

    /** All but the members and the revision: it changes seldom, while members come and go. */
    public Netmap header() {
        return with(Revision.ZERO, List.of());
    }

    /** Of whom and for whom it is, and whom to believe: a node is told of a change by a full configuration alone. */
    Netmap trusts() {
        Spoke alone = spoke == null ? null : new Spoke(spoke.receiver(), List.of());
        return new Netmap(
                cluster, epoch, Revision.ZERO, 0, List.of(), List.of(), oldestSigner, authorities, null, alone);
    }

    Netmap with(Revision newRevision, List<Member> newMembers) {
        return with(newRevision, newMembers, spoke);
    }

    Netmap with(Revision newRevision, List<Member> newMembers, @Nullable Spoke newSpoke) {
        return new Netmap(
                cluster, epoch, newRevision, mtu, pools, newMembers, oldestSigner, authorities, topology, newSpoke);
    }

    /** Whether a node may use it: what was signed for another one leaves out whom this one needs. */
    public boolean isFor(NodeId node) {
        return spoke == null || spoke.receiver().equals(node);
    }

    /** The networks behind nodes that the receiver is not told of; some hub carries them. */
    public List<Prefix> routesBeyondHubs() {
        return spoke == null ? List.of() : spoke.routes();
    }

    public Optional<Member> member(NodeId id) {
        return members.stream().filter(member -> member.id().equals(id)).findFirst();
    }

    /** {@code HOST:PORT} of every manager's REST interface. */
    public List<String> managerApis() {
        return members.stream()
                .flatMap(m -> Optional.ofNullable(m.api()).stream())
                .toList();
    }

    /** Whether it says the same but for the revision. */
    public boolean saysTheSameAs(Netmap other) {
        return header().equals(other.header()) && members.equals(other.members);
    }
}
