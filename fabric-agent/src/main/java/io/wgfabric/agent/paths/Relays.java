package io.wgfabric.agent.paths;

import io.wgfabric.api.NodeId;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The nodes that may forward for others: hubs that everybody can reach. Both ends of a pair must choose the same one,
 * since a source address is accepted from one peer only; so all choose in one order that follows from the ids alone, and
 * spreads the pairs (rendezvous hashing, Thaler and Ravishankar 1998).
 */
final class Relays {
    private static final long FNV_OFFSET = 0xcbf2_9ce4_8422_2325L;
    private static final long FNV_PRIME = 0x0000_0100_0000_01b3L;

    private static final long MIX_1 = 0xff51_afd7_ed55_8ccdL;
    private static final long MIX_2 = 0xc4ce_b9fe_1a85_ec53L;

    private final List<NodeId> relays;

    Relays(Netmap netmap) {
        relays = netmap.members().stream()
                .filter(member -> member.isHub() && !Candidate.isBehindNat(member))
                .map(Member::id)
                .sorted()
                .toList();
    }

    /** So many of them at most, those with the lowest ids. */
    List<NodeId> first(int count) {
        return relays.stream().limit(count).toList();
    }

    /** The first one in the pair's order that is alive; if none is, the first one. Empty if there is none at all. */
    Optional<NodeId> between(NodeId one, NodeId other, Predicate<NodeId> isAlive) {
        String pair = one.compareTo(other) < 0 ? one.text() + other.text() : other.text() + one.text();
        List<NodeId> ordered = relays.stream()
                .filter(relay -> !relay.equals(one) && !relay.equals(other))
                .sorted(Comparator.comparingLong((NodeId relay) -> hash(relay.text() + pair))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        return first(ordered, isAlive);
    }

    /** The hub of a node that talks to hubs alone: the lowest id that is alive; if none is, the lowest. */
    Optional<NodeId> hubOf(NodeId spoke, Predicate<NodeId> isAlive) {
        return first(relays.stream().filter(relay -> !relay.equals(spoke)).toList(), isAlive);
    }

    private static Optional<NodeId> first(List<NodeId> ordered, Predicate<NodeId> isAlive) {
        return ordered.stream()
                .filter(isAlive)
                .findFirst()
                .or(() -> ordered.stream().findFirst());
    }

    /** FNV-1a, then the last step of MurmurHash3, since the order needs every bit to depend on every character. */
    private static long hash(String text) {
        long hash = FNV_OFFSET;
        for (byte each : text.getBytes(StandardCharsets.US_ASCII)) {
            hash = (hash ^ (each & 0xff)) * FNV_PRIME;
        }
        hash = (hash ^ hash >>> 33) * MIX_1;
        hash = (hash ^ hash >>> 33) * MIX_2;
        return hash ^ hash >>> 33;
    }
}
