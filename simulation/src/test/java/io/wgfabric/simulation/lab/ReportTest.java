package io.wgfabric.simulation.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportTest {

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        TextTable table = new TextTable("A", "LONG", "C");
        table.row("wide cell", "x", "");
        assertEquals(List.of("A           LONG   C", "wide cell   x"), table.lines());
    }

    @Test
    void aRowHasAsManyCellsAsTheHeading() {
        assertThrows(IllegalArgumentException.class, () -> new TextTable("A", "B").row("one"));
    }

    @Test
    void failuresAreCountedAndShown() {
        Report report = new Report();
        report.check("all pairs", true, "72 of 72");
        report.check("key rotation", false, "3 packets lost");
        assertEquals(1, report.failures());
        assertEquals(
                List.of(
                        "CHECK          RESULT   MEASURED",
                        "all pairs      ok       72 of 72",
                        "key rotation   FAILED   3 packets lost"),
                report.checkLines());
    }

    @Test
    void timesAreInSeconds() {
        assertEquals("1.05 s", Times.text(Duration.ofMillis(1050)));
        assertEquals("0.00 s", Times.text(Duration.ZERO));
        List<Duration> times = List.of(Duration.ofSeconds(9), Duration.ofSeconds(1), Duration.ofSeconds(2));
        assertEquals(Duration.ofSeconds(2), Times.median(times));
        assertEquals(Duration.ofSeconds(9), Times.worst(times));
        assertEquals(Duration.ZERO, Times.median(List.of()));
    }

    @Test
    void handshakesThatNeverWereHaveNoAge() {
        String shown = "wgf0\tAAAA=\t1000\nwgf0\tBBBB=\t0\nwgf1\tCCCC=\t1030\n";
        assertEquals(List.of(60L, 30L), Reachability.handshakeAges(shown, Instant.ofEpochSecond(1060)));
        assertEquals(List.of(), Reachability.handshakeAges("", Instant.ofEpochSecond(1060)));
    }

    @Test
    void debianIsKnownByItsNameAndByWhatIsMadeFromIt() {
        assertEquals(true, Requirements.isDebian("NAME=x\nID=debian\n"));
        assertEquals(true, Requirements.isDebian("ID=\"linuxmint\"\nID_LIKE=\"ubuntu debian\"\n"));
        assertEquals(false, Requirements.isDebian("ID=fedora\nPRETTY_NAME=\"not debian\"\n"));
    }

    @Test
    void aPlanHasLimits() {
        assertEquals(true, new LabPlan(3, 5, false).survivesOne());
        assertEquals(false, new LabPlan(2, 5, false).survivesOne());
        assertThrows(IllegalArgumentException.class, () -> new LabPlan(0, 5, false));
        assertThrows(IllegalArgumentException.class, () -> new LabPlan(8, 5, false));
        assertThrows(IllegalArgumentException.class, () -> new LabPlan(3, 1, false));
        assertThrows(IllegalArgumentException.class, () -> new LabPlan(3, 201, false));
    }
}
