package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Topology;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExitChoiceTest {
    private static final Member SELF = member(1, false, null);
    private static final Member PLAIN = member(2, false, List.of(Prefix.parse("192.168.7.0/24")));
    private static final Member EXIT = member(3, false, List.of(Prefix.parse("::/0")));
    private static final Member EXIT_AND_HUB = member(4, true, List.of(Prefix.parse("0.0.0.0/0")));

    private static Member member(long id, boolean hub, @Nullable List<Prefix> routes) {
        return new Member(
                NodeId.of(id),
                new NodeName("n" + id),
                Role.PEER,
                List.of(Address.parse("10.0.0." + id)),
                WireGuardKeys.generate().publicKeys(),
                new NodeEndpoints(List.of(Address.parse("192.0.2." + id)), 51820, 51821),
                Instant.EPOCH,
                null,
                null,
                hub,
                routes);
    }

    private static Netmap netmap(Topology topology) {
        return new Netmap(
                ClusterId.of(1),
                1,
                new Revision(5),
                1420,
                List.of(Prefix.parse("10.0.0.0/24")),
                List.of(SELF, PLAIN, EXIT, EXIT_AND_HUB),
                null,
                null,
                topology,
                null);
    }

    private static String refusal(Topology topology, Member exit) {
        IOException refused =
                assertThrows(IOException.class, () -> ExitChoice.requireUsable(netmap(topology), SELF.id(), exit));
        String line = String.valueOf(refused.getMessage());
        assertEquals(1, line.lines().count(), line);
        return line;
    }

    @Test
    void onlyANodeThatIsApprovedForItIsUsed() {
        assertTrue(refusal(Topology.MESH, PLAIN).contains("is no exit node"));
        assertTrue(refusal(Topology.MESH, SELF).contains("of its own"));
        assertDoesNotThrow(() -> ExitChoice.requireUsable(netmap(Topology.MESH), SELF.id(), EXIT));
    }

    @Test
    void aSpokeUsesAHubAlone() {
        assertTrue(refusal(Topology.HUB, EXIT).contains("choose a hub"));
        assertDoesNotThrow(() -> ExitChoice.requireUsable(netmap(Topology.HUB), SELF.id(), EXIT_AND_HUB));
    }
}
