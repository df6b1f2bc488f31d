package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.LocalStatus;
import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.TestCluster;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

class IpamCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path root;

    @SuppressWarnings("NullAway.Init")
    private static TestCluster cluster;

    /** The second address of the manager's pool, and so on. */
    private static Address first = Address.parse("0.0.0.0");

    @BeforeAll
    static void start() throws Exception {
        cluster = new TestCluster(root);
        FabricServer server = cluster.init("m1");
        first = server.self().addresses().get(0);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private record Result(int exit, String out, String err) {}

    private static Result run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("ipam"));
        all.addAll(List.of(arguments));
        all.add("--context");
        all.add(cluster.data("m1").resolve("operator.json").toString());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = FabricCommand.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return new Result(line.execute(all.toArray(String[]::new)), out.toString(), err.toString());
    }

    private static JsonNode list() {
        return Json.mapper().readTree(run("list", "-o", "json").out());
    }

    @Test
    void addressIsReservedAndReleased() {
        String address = first.next().next().toString();
        Result reserved = run("reserve", address, "--for", "db-1");
        assertEquals(0, reserved.exit(), reserved.err());
        assertEquals("Address " + address + " is reserved for node db-1.\n", reserved.out());

        List<String> lines = run("list").out().lines().toList();
        assertTrue(lines.get(0).startsWith("POOL "), lines.get(0));
        assertTrue(lines.stream().anyMatch(line -> line.matches("ADDRESS +STATE +NODE +FOR +FREE")), lines.toString());
        assertTrue(
                lines.stream().anyMatch(line -> line.matches(address.replace(".", "\\.") + " +reserved +- +db-1 +-")),
                lines.toString());
        assertTrue(lines.stream().anyMatch(line -> line.matches(".* leased +m1 +- +-")), lines.toString());
        assertEquals(
                "Address " + address + " is released; it is free now.\n",
                run("release", address).out());
        assertEquals(1, run("release", address).exit());
    }

    @Test
    void poolIsAddedAndListed() {
        Result added = run("add-pool", "172.31.0.0/24");

        assertEquals("Pool 172.31.0.0/24 is added; it has 254 addresses.\n", added.out(), added.err());
        JsonNode pools = list().path("pools");
        JsonNode last = pools.path(pools.size() - 1);
        assertEquals("172.31.0.0/24", last.path("pool").asString());
        assertEquals(0, last.path("leased").asInt());
        String yaml = run("list", "-o", "yaml").out();
        assertTrue(yaml.startsWith("pools:\n") && yaml.contains("172.31.0.0/24"), yaml);
    }

    @ParameterizedTest
    @CsvSource({
        "reserve 10.0.0.1, 2",
        "reserve here --for db-1, 2",
        "reserve 10.0.0.1 --for '', 2",
        "add-pool 10.0.0.1/8, 2",
        "reserve 192.0.2.1 --for db-1, 1",
        "release 192.0.2.1, 1",
        "add-pool 8.8.8.0/24, 1",
    })
    void whatIsWrongIsOneLine(String arguments, int exit) {
        Result result = run(arguments.split(" ", -1));

        assertEquals(exit, result.exit(), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void statusOfAPeerShowsItsWarnings() {
        LocalStatus status = new LocalStatus(
                ClusterId.of(1),
                NodeId.of(1),
                new NodeName("p1"),
                Role.PEER,
                List.of(first),
                new Revision(1),
                "wgf0",
                "kernel",
                true,
                List.of(),
                null,
                List.of("the cluster's pool overlaps"));

        assertTrue(PeerCommand.Status.text(status, Instant.EPOCH).endsWith("\nWARNING: the cluster's pool overlaps\n"));
    }
}
