package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.wgfabric.agent.wireguard.DesiredPeer;
import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.Rotation.Phase;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random meshes, with nodes in all phases of rotations and nodes that nobody can reach: each pair has one initiator. */
class InitiatorPropertyTest {
    private static final int SEEDS = 300;
    private static final int NODES = 8;
    private static final List<Phase> PHASES = List.of(Phase.values());

    private final List<WireGuardKeys> keys = new ArrayList<>();

    InitiatorPropertyTest() {
        for (int n = 0; n < NODES; n++) {
            keys.add(WireGuardKeys.generate());
        }
    }

    private Member member(int number, Random random) {
        List<Address> reach = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            reach.add(Address.parse("192.0.2." + number));
        }
        if (random.nextInt(3) == 0) {
            reach.add(Address.parse("2001:db8::" + number));
        }
        Rotation rotation = null;
        if (random.nextBoolean()) {
            Phase phase = PHASES.get(random.nextInt(PHASES.size()));
            rotation = new Rotation(phase, Instant.EPOCH, new Revision(1));
        }
        return new Member(
                NodeId.of(number),
                new NodeName("n" + number),
                Role.PEER,
                List.of(Address.parse("100.64.0." + number)),
                keys.get(number - 1).publicKeys(),
                new NodeEndpoints(reach, 51820, 51821),
                // Some joined in the same instant.
                Instant.EPOCH.plusSeconds(random.nextInt(3)),
                null,
                rotation);
    }

    private DesiredPeer seen(Netmap netmap, int from, int to) {
        Member self = netmap.members().get(from);
        String id = netmap.members().get(to).id().text();
        return DesiredNetworks.of(netmap, self, keys.get(from)).peers().stream()
                .filter(peer -> peer.nodeId().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void exactlyOneOfTwoInitiates() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<Member> members = new ArrayList<>();
            for (int number = 1; number <= NODES; number++) {
                members.add(member(number, random));
            }
            Netmap netmap = new Netmap(
                    ClusterId.of(1), 1, new Revision(5), 1420, List.of(Prefix.parse("100.64.0.0/16")), members);
            for (int one = 0; one < NODES; one++) {
                for (int other = 0; other < one; other++) {
                    assertOneBegins(netmap, one, other, "seed " + seed + ": " + one + " and " + other);
                }
            }
        }
    }

    private void assertOneBegins(Netmap netmap, int one, int other, String where) {
        DesiredPeer there = seen(netmap, one, other);
        DesiredPeer back = seen(netmap, other, one);
        assertNotEquals(there.initiator(), back.initiator(), where);
        assertEquals(there.plane(), back.plane(), where);
        DesiredPeer responder = there.initiator() ? back : there;
        assertNull(responder.mainEndpoint(), where);
        assertNull(responder.spareEndpoint(), where);
        assertEquals(0, responder.keepaliveSeconds(), where);
        Member unreachable = netmap.members().get(there.initiator() ? other : one);
        Member initiator = netmap.members().get(there.initiator() ? one : other);
        if (unreachable.endpoints().addresses().isEmpty()) {
            assertEquals(List.of(), initiator.endpoints().addresses(), where + ": who can be reached waits");
        }
    }
}
