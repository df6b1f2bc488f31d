package io.wgfabric.javalin.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.javalin.doctor.Finding.Result;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.TestCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real managers with real faults. */
class DoctorTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private List<Finding> look(String name) {
        return Doctor.look(root.resolve(name), null, false, InstantSource.system());
    }

    private static List<String> failures(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.result() == Result.FAILED)
                .map(finding -> finding.check() + " " + finding.line())
                .toList();
    }

    @Test
    void managerInOrderHasNoFailureAndWhatIsWrongIsFound() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer server = cluster.init("m1");
            int port = server.settings().port();

            List<Finding> healthy = look("m1");
            assertEquals(List.of(), failures(healthy));
            assertTrue(healthy.contains(Finding.ok("manager", "m1 answers at 127.0.0.1:" + port)), healthy.toString());
            assertTrue(healthy.contains(Finding.ok("clock", "m1 has the same time")), healthy.toString());

            Path key = root.resolve("m1/node/wireguard.json");
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
            assertEquals(List.of("rights others may read " + key + ": chmod 600 " + key), failures(look("m1")));
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));

            server.close();
            assertEquals(
                    List.of(
                            "port nobody listens at " + port + "/tcp: start the manager: fabric server run",
                            "port nobody listens at " + server.settings().replicationPort()
                                    + "/tcp: start the manager: fabric server run",
                            "manager none answers at 127.0.0.1:" + port
                                    + ": start it, let the port through, or 'fabric node remove' it"),
                    failures(look("m1")));
            try (ServerSocket other = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
                Thread closer = new Thread(() -> closeAll(other), "another-program");
                closer.start();
                assertTrue(failures(look("m1")).get(0).startsWith("port " + port + "/tcp is taken, and this manager"));
            }
        }
    }

    /** Takes connections, and says nothing that a manager would. */
    private static void closeAll(ServerSocket socket) {
        try {
            while (true) {
                socket.accept().close();
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void managerOfAnotherTimeIsFoundOutThoughItsCertificateIsNotValidYet() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            cluster.init("m1", InstantSource.offset(InstantSource.system(), Duration.ofHours(1)));

            List<String> failures = failures(look("m1"));

            assertTrue(
                    failures.stream()
                            .anyMatch(line -> line.matches(
                                    "clock this machine is (59|60) min behind 127.0.0.1:[0-9]+: set both by NTP.*")),
                    failures.toString());
            assertTrue(
                    failures.stream()
                            .anyMatch(
                                    line -> line.matches("manager the certificate of 127.0.0.1:[0-9]+ is not valid now,"
                                            + " by the clock here: mend the clock")),
                    failures.toString());
            assertTrue(
                    failures.stream().anyMatch(line -> line.startsWith("certificate it is valid only from ")),
                    failures.toString());
        }
    }

    @Test
    void operatorsMachineIsAskedOnlyForItsManagers() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            cluster.init("m1");

            List<Finding> found = Doctor.look(
                    root.resolve("nothing"), root.resolve("m1/operator.json"), true, InstantSource.system());

            assertEquals(
                    List.of("manager", "clock", "state"),
                    found.stream().map(Finding::check).toList());
            assertEquals(List.of(), failures(found));
        }
    }

    @Test
    void machineWithoutANodeIsLookedAtForOne() {
        List<Finding> found = look("nothing");

        assertEquals("root", found.get(0).check());
        assertEquals(
                4,
                found.stream().filter(finding -> finding.check().equals("port")).count());
        assertTrue(found.stream().noneMatch(finding -> finding.check().equals("manager")));
    }

    @Test
    void damagedFolderIsNamed() throws Exception {
        Files.writeString(Files.createDirectories(root.resolve("m1")).resolve("settings.json"), "{");

        assertTrue(failures(look("m1")).get(0).startsWith("data " + root.resolve("m1") + " cannot be read: "));
    }
}
