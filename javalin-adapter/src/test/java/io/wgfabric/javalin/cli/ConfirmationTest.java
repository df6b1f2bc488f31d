package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.javalin.server.TestCluster;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class ConfirmationTest {
    private static final InputStream INPUT = System.in;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @AfterEach
    void leave() {
        System.clearProperty("fabric.terminal");
        System.clearProperty("fabric.terminal.in");
        System.setIn(INPUT);
    }

    /** A person at a terminal types this. */
    private static void types(String text) {
        System.setProperty("fabric.terminal", "true");
        System.setProperty("fabric.terminal.in", "true");
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private Run run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--data";
        all[arguments.length + 1] = root.resolve("m1").toString();
        return Run.of(all);
    }

    private String made(String name) {
        Run run = run(
                "operator",
                "create",
                name,
                "--role",
                "viewer",
                "--out",
                root.resolve(name + ".json").toString());
        assertEquals(0, run.exit(), run.err());
        return name;
    }

    @Test
    void personIsAskedAndScriptIsNot() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            cluster.init("m1");
            String alice = made("alice");

            types("no\n");
            Run kept = run("operator", "revoke", alice);
            assertEquals(1, kept.exit());
            assertEquals(
                    "Revoke the credential of alice for good? [y/N] fabric: nothing was changed",
                    kept.err().strip());
            types("");
            assertEquals(1, run("operator", "revoke", alice).exit(), "an end of input is no yes");
            assertTrue(run("operator", "list").out().contains("alice"));

            types("y\n");
            assertEquals(0, run("operator", "revoke", alice).exit());
            assertFalse(run("operator", "list").out().contains("alice"));

            types("");
            assertEquals(0, run("operator", "revoke", made("bob"), "--yes").exit());
            System.clearProperty("fabric.terminal.in");
            Run script = run("operator", "revoke", made("carol"));
            assertEquals(0, script.exit());
            assertEquals("", script.err());
        }
    }

    @Test
    void whatEndsForGoodAsksFirst() {
        for (String line :
                new String[] {"node remove web-1", "token revoke t-0123456789abc --cascade", "operator revoke alice"}) {
            types("n\n");

            Run run = run(line.split(" ", -1));

            assertEquals(1, run.exit(), line);
            assertTrue(run.err().endsWith("? [y/N] fabric: nothing was changed\n"), run.err());
        }
    }
}
