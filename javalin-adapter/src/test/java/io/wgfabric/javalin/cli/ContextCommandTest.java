package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class ContextCommandTest {
    private static final String HOME = "fabric.home";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path root;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path home;

    @SuppressWarnings("NullAway.Init")
    private static TestCluster berlin;

    @SuppressWarnings("NullAway.Init")
    private static FabricServer inBerlin;

    @SuppressWarnings("NullAway.Init")
    private static FabricServer inParis;

    @BeforeAll
    static void start() throws Exception {
        berlin = new TestCluster(root);
        inBerlin = berlin.init("b1");
        inParis = berlin.init("p1");
    }

    @AfterAll
    static void stop() {
        berlin.close();
    }

    @BeforeEach
    void enter() {
        System.setProperty(HOME, home.resolve("fabric").toString());
    }

    @AfterEach
    void leave() {
        System.clearProperty(HOME);
    }

    private static String file(String manager) {
        return root.resolve(manager).resolve("operator.json").toString();
    }

    private static Run ok(String... arguments) {
        Run run = Run.of(arguments);
        assertEquals(0, run.exit(), run.err());
        return run;
    }

    private static String asked(String... more) {
        String[] arguments = new String[more.length + 3];
        System.arraycopy(new String[] {"status", "-o", "json"}, 0, arguments, 0, 3);
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Json.mapper().readTree(ok(arguments).out()).at("/manager/id").asString();
    }

    @Test
    void clusterThatIsUsedIsTheOneThatIsAsked() {
        ok("context", "add", "berlin", "--file", file("b1"));
        assertTrue(ok("context", "add", "paris", "--file", file("p1")).out().contains("fabric context use paris"));

        assertEquals(inBerlin.self().id().text(), asked());
        ok("context", "use", "paris");
        assertEquals(inParis.self().id().text(), asked());
        assertTrue(
                ok("context", "list").out().contains("*      paris"),
                ok("context", "list").out());
    }

    @Test
    void whatIsNamedWinsOverWhatIsUsed() {
        ok("context", "add", "paris", "--file", file("p1"));
        ok("context", "add", "berlin", "--file", file("b1"));

        assertEquals(inBerlin.self().id().text(), asked("--context", file("b1")));
        assertEquals(inBerlin.self().id().text(), asked("--context", "berlin"));
        assertEquals(
                inBerlin.self().id().text(), asked("--data", root.resolve("b1").toString()));
        assertEquals(inParis.self().id().text(), asked());
    }

    @Test
    void filesAreForTheirOwnerAlone() throws Exception {
        ok("context", "add", "berlin", "--file", file("b1"));

        Path kept = home.resolve("fabric/contexts/berlin.json");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kept.getParent())));
        assertFalse(ok("context", "list", "-o", "json").out().contains("wgfop."), "no credential is listed");
    }

    @Test
    void removedContextIsErasedAndNotUsedAnyMore() {
        ok("context", "add", "berlin", "--file", file("b1"));

        ok("context", "remove", "berlin");

        assertFalse(Files.exists(home.resolve("fabric/contexts/berlin.json")));
        assertEquals("[ ]\n", ok("context", "list", "-o", "json").out());
        assertEquals(1, Run.of("context", "use", "berlin").exit());
    }

    @Test
    void refusalsSayWhatToDo() throws Exception {
        ok("context", "add", "berlin", "--file", file("b1"));

        assertTrue(Run.of("context", "add", "berlin", "--file", file("p1"))
                .err()
                .contains("'fabric context remove berlin'"));
        assertEquals(2, Run.of("context", "add", "../up", "--file", file("b1")).exit());
        Path damaged = Files.writeString(home.resolve("damaged.json"), "{");
        assertTrue(Run.of("context", "add", "x", "--file", damaged.toString())
                .err()
                .contains("damaged"));
        assertTrue(Run.of("context", "use", "nowhere").err().contains("'fabric context list' shows"));
    }
}
