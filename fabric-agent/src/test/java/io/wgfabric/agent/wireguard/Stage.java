package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a node and its peer shall be while the node comes up, rotates its keys and then meets all other kinds of changes
 * at once. The same in every process: the keys are made of numbers.
 */
enum Stage {
    AT_REST,
    SPARE_MADE,
    MOVED_OUT,
    REKEYED,
    MOVED_BACK,
    AT_REST_AGAIN,
    OTHERS_CHANGED;

    private static final List<Prefix> POOLS = List.of(Prefix.parse("100.64.0.0/16"), Prefix.parse("fd77:1::/48"));
    private static final int KEYS = 20;

    private static PrivateKey key(int number) {
        byte[] bytes = new byte[PrivateKey.BYTES];
        bytes[3] = (byte) (number + 1);
        return PrivateKey.of(bytes);
    }

    private static PublicKey publicKey(int number) {
        return key(number).publicKey();
    }

    /** All that any node has in any stage. */
    static Set<PublicKey> keys() {
        return IntStream.range(0, KEYS).mapToObj(Stage::publicKey).collect(Collectors.toCollection(TreeSet::new));
    }

    private boolean hasSpare() {
        return compareTo(SPARE_MADE) >= 0 && compareTo(AT_REST_AGAIN) < 0;
    }

    private int plane() {
        return this == MOVED_OUT || this == REKEYED ? ActualNetwork.SPARE : ActualNetwork.MAIN;
    }

    private PlaneKey nodeMain() {
        return new PlaneKey(key(compareTo(REKEYED) < 0 ? 0 : 2), 51820);
    }

    private static Address v4(int number) {
        return Address.parse("100.64.0." + number);
    }

    private static Set<Prefix> allowed(int number) {
        return Set.of(v4(number).toPrefix(), Address.parse("fd77:1::" + number).toPrefix());
    }

    private static List<Address> addresses(int number) {
        return List.of(v4(number), Address.parse("fd77:1::" + number));
    }

    /** The node under test: one real peer that it talks with, and others that nobody is. */
    DesiredNetwork node(Address peer) {
        boolean last = this == OTHERS_CHANGED;
        List<DesiredPeer> peers = new ArrayList<>();
        peers.add(new DesiredPeer(
                "peer",
                allowed(2),
                publicKey(10),
                hasSpare() ? publicKey(11) : null,
                plane(),
                true,
                new Endpoint(peer, 51820),
                hasSpare() ? new Endpoint(peer, 51821) : null,
                25));
        // One leaves and another gets its addresses, one has a new key, one is elsewhere.
        peers.add(idle(last ? "joined" : "left", 3, last ? 13 : 12, 1));
        peers.add(idle("rekeyed", 4, last ? 15 : 14, 1));
        peers.add(idle("moved", 5, 16, last ? 2 : 1));
        return new DesiredNetwork(
                last ? List.of(v4(1), Address.parse("fd77:1::9")) : addresses(1),
                POOLS,
                last ? 1400 : DesiredNetwork.DEFAULT_MTU,
                nodeMain(),
                hasSpare() ? new PlaneKey(key(1), 51821) : null,
                peers);
    }

    private static DesiredPeer idle(String id, int number, int key, int host) {
        Endpoint endpoint = Endpoint.parse("10.99.0." + (100 + host) + ":51820");
        return new DesiredPeer(id, allowed(number), publicKey(key), null, ActualNetwork.MAIN, true, endpoint, null, 0);
    }

    /** Its peer, which only answers. */
    DesiredNetwork peer() {
        @Nullable PublicKey spare = hasSpare() ? publicKey(1) : null;
        DesiredPeer node = new DesiredPeer(
                "node", allowed(1), nodeMain().privateKey().publicKey(), spare, plane(), false, null, null, 0);
        return new DesiredNetwork(
                addresses(2),
                POOLS,
                DesiredNetwork.DEFAULT_MTU,
                new PlaneKey(key(10), 51820),
                hasSpare() ? new PlaneKey(key(11), 51821) : null,
                List.of(node));
    }
}
