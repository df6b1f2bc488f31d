package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeansTest {
    private static final String NAME = "wgq7";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void programIsThereOnceItCanBeRun() throws Exception {
        Path program = folder.resolve("wireguard");
        assertFalse(Tunnels.means(NAME, program.toString()).userspace());
        Files.writeString(program, "#!/bin/sh\n");
        assertFalse(Tunnels.means(NAME, program.toString()).userspace());
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));

        Tunnels.Means means = Tunnels.means(NAME, program.toString());

        assertTrue(means.userspace());
        assertEquals(program.toString(), means.implementation());
        assertEquals(Files.exists(Path.of("/dev/net/tun")), means.tun());
    }

    @Test
    void lookingLeavesNoInterface() throws Exception {
        var unused = Tunnels.means(NAME, "wireguard-go");

        assertNull(NetworkInterface.getByName(NAME));
        assertNull(NetworkInterface.getByName(String.format(Locale.ROOT, "wgp%08x", NAME.hashCode())));
    }
}
