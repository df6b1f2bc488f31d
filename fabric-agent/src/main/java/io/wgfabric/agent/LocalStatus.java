package io.wgfabric.agent;

import io.wgfabric.agent.paths.Echoes;
import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPeer;
import io.wgfabric.agent.wireguard.ActualPlane;
import io.wgfabric.agent.wireguard.Tunnel;
import io.wgfabric.agent.wireguard.TunnelException;
import io.wgfabric.agent.wireguard.Tunnels;
import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node as it is on this machine, whether its agent runs or not: from its folder and its interfaces, without asking
 * anybody.
 *
 * @param revision of the configuration that it has
 * @param exit through which node this machine reaches the internet; null for its own way
 * @param warnings what is wrong on this machine, one line each
 */
public record LocalStatus(
        ClusterId cluster,
        NodeId node,
        NodeName name,
        Role role,
        List<Address> addresses,
        Revision revision,
        String interfaceName,
        String backend,
        boolean up,
        List<Peer> peers,
        @Nullable Exit exit,
        List<String> warnings) {
    private static final int ECHOES_AT_ONCE = 32;
    private static final double NANOS_OF_A_MILLISECOND = 1_000_000.0;

    /** However many do not answer. */
    private static final Duration ECHOES_IN_ALL = Duration.ofSeconds(5);

    /**
     * The exit node that this machine was told to use.
     *
     * @param name null if no node of this id is known any more
     * @param carries what is sent to it now; nothing while it is not reached directly, or not approved
     */
    public record Exit(NodeId node, @Nullable NodeName name, List<Prefix> carries) {}

    /**
     * Another node as the interfaces know it.
     *
     * @param plane the plane with its newest session
     * @param via the node that forwards between the two; null if they are direct
     * @param endpoint of the session between the two, also while it carries nothing; null before the first handshake of a pair that the other end initiates
     * @param lastHandshake null if there was none
     * @param roundTripMillis of an echo request over the path; null if none was sent or it was not answered in 2 s
     */
    public record Peer(
            NodeId node,
            NodeName name,
            Role role,
            List<Address> addresses,
            Plane plane,
            @Nullable NodeName via,
            @Nullable Endpoint endpoint,
            @Nullable Instant lastHandshake,
            long receivedBytes,
            long sentBytes,
            @Nullable Double roundTripMillis) {
        Peer withRoundTrip(@Nullable Double millis) {
            return new Peer(
                    node, name, role, addresses, plane, via, endpoint, lastHandshake, receivedBytes, sentBytes, millis);
        }
    }

    /**
     * Reads it.
     *
     * @throws IOException if no node has joined from the folder, or it cannot be read
     * @throws TunnelException if the interfaces cannot be read
     */
    public static LocalStatus read(NodeStore store) throws IOException {
        NodeStore.Identity identity = store.identity();
        String interfaceName = identity.interfaceName();
        if (interfaceName == null) {
            throw new IOException("this node takes no part in the mesh");
        }
        Netmap netmap = netmap(store, identity);
        Tunnel tunnel = Tunnels.open(interfaceName, store.keys().allPublic());
        ActualNetwork actual = tunnel.read();
        return new LocalStatus(
                identity.cluster(),
                identity.node(),
                identity.name(),
                identity.role(),
                netmap.member(identity.node()).map(Member::addresses).orElse(List.of()),
                netmap.revision(),
                interfaceName,
                tunnel.backend(),
                actual.main().up(),
                netmap.members().stream()
                        .filter(member -> !member.id().equals(identity.node()))
                        .map(member -> peer(member, netmap, actual))
                        .toList(),
                exit(store, netmap, actual),
                warnings(netmap, interfaceName, HostNetworks.attached()));
    }

    private static @Nullable Exit exit(NodeStore store, Netmap netmap, ActualNetwork actual) throws IOException {
        NodeId node = store.exit().map(NodeStore.Exit::node).orElse(null);
        if (node == null) {
            return null;
        }
        Member member = netmap.member(node).orElse(null);
        ActualPeer entry = member == null ? null : find(actual.main(), member, Plane.MAIN);
        return new Exit(
                node,
                member == null ? null : member.name(),
                entry == null
                        ? List.of()
                        : entry.allowedIps().stream()
                                .filter(prefix -> prefix.length() == 0)
                                .toList());
    }

    static List<String> warnings(Netmap netmap, String interfaceName, List<HostNetworks.Attached> attached) {
        return HostNetworks.overlaps(netmap.pools(), attached, Tunnels.interfaceNames(interfaceName)).stream()
                .map(HostNetworks.Overlap::text)
                .toList();
    }

    static Netmap netmap(NodeStore store, NodeStore.Identity identity) throws IOException {
        SignedNetmap stored = store.netmap()
                .orElseThrow(() -> new IOException(
                        "this node has no configuration yet: it waits for approval (fabric node approve), or has to be"
                                + " run with 'fabric peer run'"));
        try {
            return new NetmapVerifier(identity.cluster(), store::believed, InstantSource.system())
                    .restore(stored)
                    .verified()
                    .netmap();
        } catch (CryptoException e) {
            throw new IOException("the stored configuration cannot be verified; run the agent to get a new one", e);
        }
    }

    /** The same with the round trips to all that have a session or are relayed; takes up to some seconds. */
    public LocalStatus withRoundTrips() {
        Instant now = Instant.now();
        ExecutorService threads = Executors.newFixedThreadPool(ECHOES_AT_ONCE);
        try {
            List<Future<Peer>> asked = peers.stream()
                    .map(peer -> threads.submit(() -> asked(peer, now)))
                    .toList();
            List<Peer> answered = new ArrayList<>();
            for (int i = 0; i < asked.size(); i++) {
                answered.add(answer(asked.get(i), peers.get(i), now));
            }
            return new LocalStatus(
                    cluster,
                    node,
                    name,
                    role,
                    addresses,
                    revision,
                    interfaceName,
                    backend,
                    up,
                    answered,
                    exit,
                    warnings);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Peer answer(Future<Peer> asked, Peer otherwise, Instant start) {
        Duration left = Duration.between(Instant.now(), start.plus(ECHOES_IN_ALL));
        try {
            return asked.get(Math.max(1, left.toMillis()), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return otherwise;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return otherwise;
        }
    }

    /** Who has no session is not asked: that would begin a handshake. */
    private static Peer asked(Peer peer, Instant now) {
        Instant handshake = peer.lastHandshake();
        boolean live =
                handshake != null && handshake.plus(ActualPeer.SESSION_LIFETIME).isAfter(now);
        if (peer.addresses().isEmpty() || (peer.via() == null && !live)) {
            return peer;
        }
        try {
            Duration took = Echoes.roundTrip(peer.addresses().get(0).toInetAddress());
            return peer.withRoundTrip(took.toNanos() / NANOS_OF_A_MILLISECOND);
        } catch (IOException e) {
            return peer;
        }
    }

    private static Peer peer(Member member, Netmap netmap, ActualNetwork actual) {
        ActualPeer main = find(actual.main(), member, Plane.MAIN);
        ActualPeer spare = find(actual.spare(), member, Plane.SPARE);
        boolean onSpare = member.addresses().stream()
                .anyMatch(address ->
                        actual.spare().routes().keySet().stream().anyMatch(prefix -> prefix.contains(address)));
        ActualPeer shown = onSpare ? spare : main;
        Plane plane = onSpare ? Plane.SPARE : Plane.MAIN;
        return new Peer(
                member.id(),
                member.name(),
                member.role(),
                member.addresses(),
                plane,
                via(member, netmap, onSpare ? actual.spare() : actual.main(), plane),
                shown == null ? null : shown.endpoint(),
                shown == null ? null : shown.lastHandshake(),
                bytes(main, spare, true),
                bytes(main, spare, false),
                null);
    }

    /** The node whose entry has the longest prefix with the address, as WireGuard itself chooses; null if it is its own. */
    private static @Nullable NodeName via(Member member, Netmap netmap, ActualPlane plane, Plane which) {
        if (member.addresses().isEmpty()) {
            return null;
        }
        Address address = member.addresses().get(0);
        Member carrier = member;
        int longest = -1;
        for (Member each : netmap.members()) {
            ActualPeer entry = find(plane, each, which);
            for (Prefix prefix : entry == null ? Set.<Prefix>of() : entry.allowedIps()) {
                if (prefix.length() > Math.max(0, longest)
                        && prefix.isV4() == address.isV4()
                        && prefix.contains(address)) {
                    longest = prefix.length();
                    carrier = each;
                }
            }
        }
        return carrier.id().equals(member.id()) ? null : carrier.name();
    }

    private static @Nullable ActualPeer find(ActualPlane plane, Member member, Plane which) {
        return plane.peers().get(member.keys().on(which));
    }

    private static long bytes(@Nullable ActualPeer main, @Nullable ActualPeer spare, boolean received) {
        return Stream.concat(Stream.ofNullable(main), Stream.ofNullable(spare))
                .mapToLong(peer -> received ? peer.receivedBytes() : peer.sentBytes())
                .sum();
    }
}
