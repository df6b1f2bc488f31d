package io.wgfabric.simulation.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.PingCount;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What needs no engine. */
final class ContainersTest {
    @Test
    void whatFpingPrintsIsCounted() {
        String printed = """
                100.64.0.5 : [0], 64 bytes, 0.045 ms (0.045 avg, 0% loss)
                100.64.0.5 : [3], 64 bytes, 0.024 ms (0.035 avg, 0% loss)
                100.64.0.5 : [4], 64 bytes, 0.024 ms (0.035 avg, 0% loss)

                100.64.0.5 : xmt/rcv/%loss = 5/3/40%, min/avg/max = 0.024/0.036/0.045
                """;
        assertEquals(new PingCount(5, 2, 2), EchoFlow.count(printed));
        assertThrows(LabException.class, () -> EchoFlow.count("fping: killed"));
    }

    @Test
    void onlyWhatAnEndedProcessOfThisHostLeftIsAbandoned() {
        String own = Engine.labels("c").getOrDefault(Engine.OWNER_LABEL, "");
        String[] parts = own.split("/", -1);
        assertFalse(Engine.isAbandoned(own));
        assertTrue(Engine.isAbandoned(parts[0] + "/" + parts[1] + "/1"), "the process id is used again");
        assertFalse(Engine.isAbandoned("elsewhere/" + parts[1] + "/1"));
        assertFalse(Engine.isAbandoned("not ours"));
    }

    @Test
    void aPrivilegeIsReadAsItIsWritten() {
        for (Privilege each : Privilege.values()) {
            assertEquals(each, Privilege.parse(each.toString()));
        }
        assertThrows(IllegalArgumentException.class, () -> Privilege.parse("root"));
    }

    @Test
    void processesAreReadFromTheirKernelsFiles() {
        String printed = """
                Name:\tjava
                Umask:\t0022
                Pid:\t9
                VmRSS:\t   61440 kB
                RssAnon:\t   40960 kB
                RssFile:\t   20480 kB
                Name:\tcat
                Pid:\t30
                VmRSS:\t     512 kB
                9 (java) S 1 9 9 0 -1 4194560 10325 0 12 0 120 35 0 0 20 0 21 0 700123 2000000 15360 18446744073709551615
                31 (late) S 1 9 9 0 -1 4194560 10325 0 12 0 120 35 0 0 20 0 21 0 700123 2000000 15360 18446744073709551615
                """;
        assertEquals(
                List.of(new ProcessUse("java", 61_440, 40_960, Duration.ofMillis(1_550))), ProcessUse.parse(printed));
    }

    @Test
    void timesOfAJoinCountFromTheStartOfTheFirstProcess() {
        String begun = """
                process 1 (tini) S 0 1 1 0 -1 4194560 100 0 1 0 0 0 0 0 20 0 1 0 100050 2473984 200 1844674
                admitted 1001.75
                100.64.0.1 1002.10
                handshake 1002.00
                100.64.0.2 1003.00
                100.64.0.1 1003.02
                """;
        assertEquals(Optional.empty(), JoinTimes.parse(begun));
        JoinTimes times = JoinTimes.parse(begun + "end 1003.05\n").orElseThrow();
        assertEquals(Duration.ofMillis(1_250), times.admitted());
        assertEquals(Duration.ofMillis(1_500), times.handshake());
        assertEquals(Duration.ofMillis(1_600), times.ping());
        assertEquals(2, times.answers().size());
    }

    @Test
    void whoIsSilentInOneFamilyIsNotReached() {
        Address v4 = Address.parse("100.64.0.2");
        Address v6 = Address.parse("fd00::2");
        Map<String, List<Address>> nodes =
                Map.of("a", List.of(Address.parse("100.64.0.1"), Address.parse("fd00::1")), "b", List.of(v4, v6));
        Reachability mesh = new Reachability(nodes, Duration.ZERO, Map.of("a", Set.of(v6)));
        assertEquals(2, mesh.pairs());
        assertFalse(mesh.isComplete());
        assertFalse(mesh.reaches("a", "b"));
        assertTrue(mesh.reaches("b", "a"));
    }

    @Test
    void whoHasNoAddressIsMissing() {
        List<Address> own = List.of(Address.parse("100.64.0.1"), Address.parse("fd00::1"));
        Map<String, List<Address>> nodes = Map.of("a", own, "b", List.of(Address.parse("100.64.0.2")));
        Reachability mesh = new Reachability(nodes, Duration.ZERO, Map.of("b", Set.of()));
        assertFalse(mesh.isComplete());
        assertFalse(mesh.reaches("a", "b"));
        assertFalse(mesh.reaches("b", "a"));
    }

    @Test
    void aTokenIsNotShown() {
        assertEquals("JoinToken[t-1]", new JoinToken("t-1", "secret").toString());
    }
}
