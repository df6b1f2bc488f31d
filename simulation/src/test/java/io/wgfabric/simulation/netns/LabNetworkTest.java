package io.wgfabric.simulation.netns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real namespaces; skipped where there can be none. */
@Timeout(60)
final class LabNetworkTest {
    private static final Address ONE = Address.parse("10.77.0.1");
    private static final Address TWO = Address.parse("10.77.9.2");
    private static final Address NOBODY = Address.parse("10.77.9.3");

    @BeforeAll
    static void skipWhereThereCanBeNone() {
        LabNetwork.whyNot().ifPresent(why -> Assumptions.abort("skipped: " + why));
    }

    @ParameterizedTest
    @EnumSource
    void hostsReachEachOtherAndNothingStays(LabNetwork.Layout layout) {
        String before = Shell.require("ip", "addr").out();
        Path folder;
        LabId id;
        Process forever;
        try (LabNetwork network = LabNetwork.open(layout)) {
            id = network.id();
            folder = network.folder();
            LabHost one = network.add("one", ONE);
            LabHost two = network.add("two", TWO);

            assertEquals(Set.of(NOBODY), one.unreachable(List.of(TWO, NOBODY)));
            assertEquals(Set.of(), two.unreachable(List.of(ONE)));
            assertEquals(List.of(ONE), addressesOf(one, "eth0"));
            assertEquals(before, Shell.require("ip", "addr").out(), "the machine itself has nothing new");

            forever = one.start(Map.of(), network.newLog("sleep"), List.of("sleep", "1000"));
            network.remove();
            assertThrows(LabException.class, () -> one.run("true"), "nothing starts after the removal");
        }
        assertFalse(forever.isAlive());
        assertFalse(Files.exists(folder));
        assertTrue(Namespaces.all().stream().noneMatch(name -> name.startsWith(id.toString())));
    }

    private static List<Address> addressesOf(LabHost host, String name) {
        return host.interfaces().stream()
                .filter(each -> each.name().equals(name))
                .flatMap(each -> each.addresses().stream())
                .toList();
    }

    @Test
    void everyHostHasItsOwnSockets() {
        try (LabNetwork network = LabNetwork.open(LabNetwork.Layout.BRIDGE)) {
            LabHost one = network.add("one", ONE);
            LabHost two = network.add("two", TWO);

            one.require("touch", LabNetwork.SOCKETS + "/wgf0.sock");

            assertTrue(one.run("ls", LabNetwork.SOCKETS).out().contains("wgf0.sock"), "also for the next program");
            assertEquals("", two.run("ls", LabNetwork.SOCKETS).out());
        }
    }

    @Test
    void aFlowCountsWhatIsLostWhileTheLineIsCut() {
        try (LabNetwork network = LabNetwork.open(LabNetwork.Layout.BRIDGE)) {
            LabHost one = network.add("one", ONE);
            LabHost two = network.add("two", TWO);
            Process first = one.untilAnswer(TWO);
            assertEquals(0, first.onExit().thenApply(Process::exitValue).join());
            try (PingFlow flow = one.ping(TWO, Duration.ofMillis(10))) {
                awaitAnswers(flow, 10);
                answerEchoes(two, false);
                Process held = one.start(Map.of(), network.newLog("wait"), List.of("sleep", "0.2"));
                held.onExit().join();
                answerEchoes(two, true);
                awaitAnswers(flow, flow.answers() + 10);
                PingCount count = flow.stop();
                assertTrue(count.lost() >= 10 && count.lost() <= 60, count::toString);
                assertEquals(count.lost(), count.longestRun(), count::toString);
            }
        }
    }

    private static void answerEchoes(LabHost host, boolean answers) {
        host.require("sh", "-c", "echo " + (answers ? 0 : 1) + " >/proc/sys/net/ipv4/icmp_echo_ignore_all");
    }

    private static void awaitAnswers(PingFlow flow, long wanted) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> flow.answers() >= wanted);
    }

    @Test
    void theRemainsOfAKilledLabAreSwept() throws Exception {
        Process maker = new ProcessBuilder("sleep", "1000").start();
        LabId dead = new LabId(maker.pid(), 1);
        Path folder = Files.createTempDirectory("fabric-lab-");
        LabRegister.add(dead, folder);
        Shell.require("ip", "netns", "add", dead.namespace("p1"));

        LabNetwork.sweep();
        assertTrue(Namespaces.all().contains(dead.namespace("p1")), "its maker lives");

        maker.destroyForcibly().waitFor();
        assertTrue(LabNetwork.sweep() >= 1);
        assertFalse(Namespaces.all().contains(dead.namespace("p1")));
        assertFalse(Files.exists(folder));
    }

    @Test
    void logsStayIfTheyAreKept() throws Exception {
        Path logs;
        Path folder;
        try (LabNetwork network = LabNetwork.open(LabNetwork.Layout.BRIDGE)) {
            folder = network.folder();
            logs = network.logs();
            Files.writeString(logs.resolve("m1.log"), "why\n");
            Files.writeString(folder.resolve("secret"), "key\n");
            network.keepLogs(true);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(logs), left.toList());
        }
        assertEquals("why\n", Files.readString(logs.resolve("m1.log")));
        Trees.delete(folder);
    }
}
