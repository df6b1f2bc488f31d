package io.wgfabric.simulation.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.PingCount;
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
    void aTokenIsNotShown() {
        assertEquals("JoinToken[t-1]", new JoinToken("t-1", "secret").toString());
    }
}
