package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.server.TestCluster;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class TableTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @Test
    void lastColumnIsBrokenAtSpaces() {
        Table table = new Table("CHECK", "WHAT TO DO").within(30);
        table.row("disk", "12 MiB are free: free the disk");
        table.row("rights", "chmod 600 /a/path/that/is/longer/than/the/line");

        assertEquals("""
                CHECK    WHAT TO DO
                disk     12 MiB are free: free
                         the disk
                rights   chmod 600
                         /a/path/that/is/longe
                         r/than/the/line
                """, table.text(false));
    }

    @Test
    void coloursTakeNoPlace() {
        Table table = new Table("A", "B");
        table.row(Colour.RED.of("x"), "y");

        assertEquals("A   B\nx   y\n", table.text(false));
        assertEquals("A   B\n\u001b[31mx\u001b[0m   y\n", table.text(true));
    }

    @Test
    void coloursAreForTerminalsOfWhoLikesThem() {
        assertTrue(Colour.isOn(true, null, "xterm"));
        assertTrue(Colour.isOn(true, "", "xterm"));
        assertFalse(Colour.isOn(true, "1", "xterm"));
        assertFalse(Colour.isOn(true, null, "dumb"));
        assertFalse(Colour.isOn(false, null, "xterm"));
    }

    @Test
    void wideTableOfNodesHasMore() {
        JsonNode nodes = Json.mapper().readTree("""
                [{"id":"n-1","name":"web-1","role":"peer","status":"online","addresses":["100.64.0.5"],
                  "cause":"joined","version":"0.1.0","backend":"kernel","peers":3,"from":"192.0.2.7","applied":9,
                  "tags":["site=berlin"]}]""");

        assertEquals(
                "ID    NAME    ROLE   STATUS   ADDRESSES    LAST SEEN   ROTATION",
                NodeCommand.table(nodes, false).lines().findFirst().orElseThrow());
        List<String> wide = NodeCommand.table(nodes, true).lines().toList();
        assertTrue(
                wide.get(0)
                        .endsWith(
                                "SINCE   CAUSE    VERSION   BACKEND   PEERS   FROM        APPLIED   TAGS          JOINED"),
                wide.get(0));
        assertTrue(
                wide.get(1).contains("joined   0.1.0     kernel    3       192.0.2.7   9         site=berlin"),
                wide.get(1));
    }

    @Test
    void wideTablesComeFromEveryReadingCommandThatHasOne() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            cluster.init("m1");
            assertEquals(0, run("token create --role peer").exit());

            assertTrue(run("status -o wide").out().contains("SUPPORTS\n"));
            assertTrue(run("token list -o wide").out().contains("APPROVAL\n"));
            assertTrue(run("audit -o wide").out().contains("REQUEST\n"));
            assertTrue(run("node list -o wide").out().contains("JOINED\n"));
            for (String same : List.of("ipam list", "key list", "operator list", "mesh show")) {
                Run wide = run(same + " -o wide");
                assertEquals(0, wide.exit(), wide.err());
                assertEquals(
                        run(same).out().lines().findFirst(), wide.out().lines().findFirst());
            }
        }
    }

    private Run run(String line) {
        return Run.of((line + " --data " + root.resolve("m1")).split(" ", -1));
    }
}
