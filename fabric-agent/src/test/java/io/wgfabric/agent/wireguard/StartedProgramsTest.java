package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.wireguard.Lab.Node;
import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many programs a look and a round of changes start while nothing is known from before: counted, since the time that
 * they take is the machine's.
 */
@Timeout(180)
class StartedProgramsTest {
    private static final List<String> ONE = List.of("ip");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Lab lab;

    @BeforeEach
    void openLab() {
        lab = Lab.openOrSkip();
    }

    @AfterEach
    void closeLab() {
        if (lab != null) {
            lab.close();
        }
    }

    private Path list() {
        return folder.resolve("started");
    }

    /** A node whose programs are written down by their names. */
    private Node watched() {
        Node node = lab.add("a");
        String write = "echo \"$5\" >> " + list() + "; exec \"$@\"";
        List<String> prefix = List.of("sh", "-c", write, "sh", "ip", "netns", "exec", node.namespace);
        node.useTunnel(Tunnels.open(node.interfaceName, node.ownKeys, prefix));
        return node;
    }

    /** What a node starts that has not looked often enough to have a monitor. */
    private List<String> startedBy(Node node, Runnable round) throws IOException {
        node.tunnel().release();
        Files.deleteIfExists(list());
        round.run();
        return Files.exists(list()) ? Files.readAllLines(list()) : List.of();
    }

    @Test
    void aLookStartsOneProgramAndAnAddedPeerNoFurtherOne() throws IOException {
        Node node = watched();
        lab.add("b");
        node.reconcile();
        assertEquals(
                ONE,
                startedBy(node, () -> assertEquals(List.of(), node.reconcile().changes())));
        lab.add("c");
        assertEquals(
                ONE,
                startedBy(node, () -> assertEquals(1, node.reconcile().changes().size())));
    }

    @Test
    void withBothPlanesReadingStartsOneProgramAndMovingAllPairsOneMore() throws IOException {
        Node node = watched();
        lab.add("b");
        node.spare = node.newKey(51821);
        node.reconcile();
        ActualNetwork before = node.tunnel().read();
        assertTrue(before.spare().exists());
        assertEquals(2, before.main().routes().size(), before.main().routes().toString());
        assertEquals(ONE, startedBy(node, node.tunnel()::read));
        Prefix one = Address.parse("100.64.0.77").toPrefix();
        Prefix other = Address.parse("fd77:1::77").toPrefix();
        List<Change> moves = List.of(
                new Change.PutRoute(ActualNetwork.SPARE, one, node.v4),
                new Change.PutRoute(ActualNetwork.SPARE, other, node.v6),
                new Change.PutRoute(ActualNetwork.MAIN, one, node.v4),
                new Change.RemoveRoute(ActualNetwork.MAIN, one));
        assertEquals(ONE, startedBy(node, () -> node.tunnel().apply(moves)));
        ActualNetwork after = node.tunnel().read();
        assertEquals(before.main().routes(), after.main().routes());
        assertEquals(Set.of(one, other), after.spare().routes().keySet());
        assertEquals(new Route(other, node.v6), after.spare().routes().get(other));
    }

    /** A route to exit nodes is of either family, which the program does not tell when asked for both at once. */
    @Test
    void whatOneCallTellsIsToldApart() {
        String text = """
                7: wgf0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN group default
                    link/none\s
                    inet 100.64.0.1/32 scope global wgf0
                       valid_lft forever preferred_lft forever
                default table 5182 scope link src 100.64.0.1 metric 1000\s
                100.64.0.0/16 scope link src 100.64.0.1 metric 1000\s
                100 via inet 192.0.2.1\s
                default table 5182 src fd77:1::1 metric 1000 pref medium
                ff00::/8 table local proto kernel metric 256 pref medium
                9: wgf1@if8: <POINTOPOINT,NOARP> mtu 1400 qdisc noop state DOWN group default
                """;
        var seen = Links.parse(text);
        assertEquals(Set.of("wgf0", "wgf1"), seen.keySet());
        assertEquals(
                new Links.Sight(
                        new Links.Link(true, 1420, Set.of(Address.parse("100.64.0.1"))),
                        Map.of(
                                Prefix.parse("0.0.0.0/0"),
                                new Route(Prefix.parse("0.0.0.0/0"), Address.parse("100.64.0.1")),
                                Prefix.parse("100.64.0.0/16"),
                                new Route(Prefix.parse("100.64.0.0/16"), Address.parse("100.64.0.1")),
                                Prefix.parse("::/0"),
                                new Route(Prefix.parse("::/0"), Address.parse("fd77:1::1")))),
                seen.get("wgf0"));
        assertEquals(new Links.Sight(new Links.Link(false, 1400, Set.of()), Map.of()), seen.get("wgf1"));
    }
}
