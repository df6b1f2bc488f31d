package io.wgfabric.agent.wireguard;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.wgfabric.agent.wireguard.Lab.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that a node starts to look at its interfaces are counted, by a script in front of each of them. */
@Timeout(120)
class LinkWatchTest {
    /** As often as an agent looks in some seconds while pairs move. */
    private static final int LOOKS = 50;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Lab lab;

    @SuppressWarnings("NullAway.Init")
    private Path started;

    @SuppressWarnings("NullAway.Init")
    private Node a;

    @BeforeEach
    void openLab() throws IOException {
        lab = Lab.openOrSkip();
        a = lab.add("a");
        started = Files.createFile(folder.resolve("started"));
        Path counting = folder.resolve("counting");
        Files.writeString(
                counting,
                "#!/bin/sh\necho \"$*\" >>'" + started + "'\nexec " + String.join(" ", a.prefix()) + " \"$@\"\n");
        Files.setPosixFilePermissions(counting, PosixFilePermissions.fromString("rwx------"));
        a.useTunnel(Tunnels.open(a.interfaceName, a.ownKeys, List.of(counting.toString())));
    }

    @AfterEach
    void closeLab() {
        if (lab != null) {
            if (a != null) {
                a.tunnel().release();
            }
            lab.close();
        }
    }

    private List<String> programs() {
        try {
            return Files.readAllLines(started);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Until so many looks in a row find nothing to do and start nothing. */
    private void awaitRest() {
        await().until(() -> {
            int before = programs().size();
            for (int look = 0; look < LOOKS; look++) {
                if (!a.reconcile().changes().isEmpty()) {
                    return false;
                }
            }
            return programs().size() == before;
        });
    }

    private boolean isMonitored() {
        return !a.processes("monitor").isEmpty();
    }

    @Test
    void whoLooksAgainAndAgainStartsNothing() {
        lab.add("b");
        lab.settle();
        awaitRest();
        assertEquals(
                1, programs().stream().filter(line -> line.contains("monitor")).count());
    }

    @Test
    void aChangeOfAPeerStartsNothingAndANewOneWhatItsRoutesNeed() {
        Node b = lab.add("b");
        lab.settle();
        awaitRest();
        List<String> before = programs();

        b.main = b.newKey(51830);
        List<Change> changes = a.reconcile().changes();

        assertFalse(changes.isEmpty());
        assertEquals(List.of(), programs().subList(before.size(), programs().size()));
    }

    @Test
    void whatOthersChangeIsPutRight() {
        lab.add("b");
        lab.settle();
        awaitRest();
        String name = a.interfaceName;
        for (String damage : List.of(
                "ip addr del " + a.v4 + "/32 dev " + name,
                "ip -6 addr del " + a.v6 + "/128 dev " + name,
                "ip link set dev " + name + " mtu 1300",
                "ip route flush dev " + name + " proto boot",
                "ip link set dev " + name + " down")) {
            ActualPlane whole = a.tunnel().read().main();
            a.run(damage.split(" ", -1));
            await(damage).until(() -> !a.reconcile().changes().isEmpty());
            await(damage).until(() -> a.reconcile().changes().isEmpty());
            ActualPlane mended = a.tunnel().read().main();
            assertEquals(whole.addresses(), mended.addresses(), damage);
            assertEquals(whole.mtu(), mended.mtu(), damage);
            assertEquals(whole.routes(), mended.routes(), damage);
            awaitRest();
        }
    }

    @Test
    void aMonitorThatDiesIsStartedAgainAndNoneIsLeft() {
        lab.add("b");
        lab.settle();
        awaitRest();
        a.processes("monitor").forEach(ProcessHandle::destroyForcibly);
        a.run("ip", "addr", "del", a.v4 + "/32", "dev", a.interfaceName);
        await().until(() -> !a.reconcile().changes().isEmpty());
        awaitRest();
        assertEquals(
                2, programs().stream().filter(line -> line.contains("monitor")).count());

        a.tunnel().release();
        await().until(() -> !isMonitored());
        a.tunnel().release();
    }
}
