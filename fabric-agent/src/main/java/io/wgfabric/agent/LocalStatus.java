package io.wgfabric.agent;

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
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node as it is on this machine, whether its agent runs or not: from its folder and its interfaces, without asking
 * anybody.
 *
 * @param revision of the configuration that it has
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
        List<String> warnings) {

    /**
     * Another node as the interfaces know it.
     *
     * @param plane the plane with its newest session
     * @param endpoint null before the first handshake of a pair that the other end initiates
     * @param lastHandshake null if there was none
     */
    public record Peer(
            NodeId node,
            NodeName name,
            Role role,
            List<Address> addresses,
            Plane plane,
            @Nullable Endpoint endpoint,
            @Nullable Instant lastHandshake,
            long receivedBytes,
            long sentBytes) {}

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
                        .map(member -> peer(member, actual))
                        .toList(),
                warnings(netmap, interfaceName, HostNetworks.attached()));
    }

    static List<String> warnings(Netmap netmap, String interfaceName, List<HostNetworks.Attached> attached) {
        return HostNetworks.overlaps(netmap.pools(), attached, Tunnels.interfaceNames(interfaceName)).stream()
                .map(HostNetworks.Overlap::text)
                .toList();
    }

    private static Netmap netmap(NodeStore store, NodeStore.Identity identity) throws IOException {
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

    private static Peer peer(Member member, ActualNetwork actual) {
        ActualPeer main = find(actual.main(), member, Plane.MAIN);
        ActualPeer spare = find(actual.spare(), member, Plane.SPARE);
        boolean onSpare = member.addresses().stream()
                .anyMatch(address -> actual.spare().routes().containsKey(address.toPrefix()));
        ActualPeer shown = onSpare ? spare : main;
        return new Peer(
                member.id(),
                member.name(),
                member.role(),
                member.addresses(),
                onSpare ? Plane.SPARE : Plane.MAIN,
                shown == null ? null : shown.endpoint(),
                shown == null ? null : shown.lastHandshake(),
                bytes(main, spare, true),
                bytes(main, spare, false));
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
