package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.LocalStatus;
import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerStatusTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static LocalStatus.Peer peer(String name, int number, @Nullable String via) {
        return new LocalStatus.Peer(
                NodeId.of(number),
                new NodeName(name),
                Role.PEER,
                List.of(Address.parse("100.64.0." + number)),
                Plane.MAIN,
                via == null ? null : new NodeName(via),
                via == null ? Endpoint.parse("203.0.113.10:51820") : null,
                via == null ? NOW.minusSeconds(12) : null,
                1_234_567,
                999,
                0.42);
    }

    private static LocalStatus status(LocalStatus.@Nullable Exit exit, LocalStatus.Peer... peers) {
        return new LocalStatus(
                ClusterId.of(1),
                NodeId.of(1),
                new NodeName("p1"),
                Role.PEER,
                List.of(),
                new Revision(1),
                "wgf0",
                "kernel",
                true,
                List.of(peers),
                exit,
                List.of());
    }

    @Test
    void eachPairSaysHowItIsReachedInEightyColumns() {
        LocalStatus status = status(null, peer("web-1", 2, null), peer("web-2", 3, "hub-1"));
        List<String> lines =
                PeerCommand.Status.text(status, NOW).lines().skip(3).toList();
        assertEquals(
                List.of(
                        "PEER    ADDRESS      PATH        ENDPOINT             AGE   IN/OUT     RTT",
                        "web-1   100.64.0.2   direct      203.0.113.10:51820   12s   1.2M/999   0.4ms",
                        "web-2   100.64.0.3   via hub-1   -                    -     1.2M/999   0.4ms"),
                lines);
        assertTrue(lines.stream().allMatch(line -> line.length() <= 80));
    }

    @Test
    void theExitNodeIsShownAndWhetherItCarriesAnything() {
        NodeId exit = NodeId.of(7);
        LocalStatus carried =
                status(new LocalStatus.Exit(exit, new NodeName("gw-1"), List.of(Prefix.parse("0.0.0.0/0"))));
        assertTrue(PeerCommand.Status.text(carried, NOW).endsWith("\nExit node gw-1 carries 0.0.0.0/0\n"));
        LocalStatus dead = status(new LocalStatus.Exit(exit, null, List.of()));
        assertTrue(PeerCommand.Status.text(dead, NOW).contains("\nExit node " + exit + " is not reached: "));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "999, 999",
        "1000, 1.0K",
        "9949, 9.9K",
        "9951, 10K",
        "999499, 999K",
        "999500, 1.0M",
        "5000000000, 5.0G"
    })
    void bytesTakeAtMostFourCharacters(long count, String text) {
        assertEquals(text, Cells.bytes(count));
    }
}
