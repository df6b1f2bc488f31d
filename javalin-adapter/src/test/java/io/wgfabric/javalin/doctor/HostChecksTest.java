package io.wgfabric.javalin.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.wireguard.Tunnels;
import io.wgfabric.javalin.doctor.Finding.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostChecksTest {
    private static final String ROOT = """
            Name:\tjava
            Uid:\t0\t0\t0\t0
            CapEff:\t000001ffffffffff
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static String failed(Finding finding) {
        assertEquals(Result.FAILED, finding.result(), finding.line());
        return finding.line();
    }

    private static Finding only(List<Finding> findings, String check) {
        return findings.stream()
                .filter(finding -> finding.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whoIsNotRootIsToldSo() {
        Rights user = Rights.parse("Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n");

        assertEquals(
                "this is user 1000, not root: repeat it as root, and run the node so",
                failed(HostChecks.rights(user, true)));
        assertEquals(Result.OK, HostChecks.rights(user, false).result());
        assertEquals(Result.OK, HostChecks.rights(Rights.parse(ROOT), true).result());
    }

    @Test
    void rootOfContainerWithoutTheRightIsToldHowToGetIt() {
        Rights bounded = Rights.parse(ROOT.replace("000001ffffffffff", "00000000a80425fb"));

        assertTrue(failed(HostChecks.rights(bounded, true)).contains("--cap-add NET_ADMIN"));
    }

    @Test
    void userWithTheRightAloneIsEnough() {
        Rights agent = Rights.parse("Uid:\t0\t999\t999\t999\nCapEff:\t0000000000001000\n");

        assertEquals(new Rights(999, true), agent);
        assertEquals(Result.OK, HostChecks.rights(agent, true).result());
    }

    @Test
    void programsThatAreMissingAreNamedWithTheirPackages() {
        List<Finding> nothing =
                HostChecks.programs(new Tunnels.Means(false, false, false, "wireguard-go", false, false));

        assertTrue(failed(only(nothing, "ip")).endsWith("install the package iproute2"));
        assertTrue(
                failed(only(nothing, "wireguard")).contains("modprobe wireguard, or install the package wireguard-go"));
        assertTrue(failed(only(nothing, "tun")).startsWith("/dev/net/tun is missing: modprobe tun"));
        assertEquals(Result.WARNING, only(nothing, "wg").result());
    }

    @Test
    void kernelsWireGuardNeedsTheToolAndNoDevice() {
        List<Finding> kernel = HostChecks.programs(new Tunnels.Means(true, false, true, "wireguard-go", false, false));

        assertTrue(failed(only(kernel, "wg")).endsWith("install the package wireguard-tools"));
        assertTrue(kernel.stream().noneMatch(finding -> finding.check().equals("tun")));
        assertEquals(Result.OK, only(kernel, "wireguard").result());
    }

    @Test
    void fullDiskFailsAndNearlyFullOneWarns() {
        Path data = Path.of("/var/lib/fabric");

        assertTrue(failed(HostChecks.disk(data, 12L << 20)).startsWith("12 MiB are free for /var/lib/fabric: free"));
        assertEquals(
                Result.WARNING, HostChecks.disk(data, HostChecks.LEAST_FREE).result());
        assertEquals(Result.OK, HostChecks.disk(data, HostChecks.LITTLE_FREE).result());
    }

    @Test
    void keyThatOthersReadIsNamedWithTheCommandThatClosesIt() throws Exception {
        Path key = Files.writeString(folder.resolve("wireguard.json"), "{}");
        Path closed = Files.writeString(folder.resolve("tls.key"), "");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rw-------"));

        List<Finding> found =
                HostChecks.modes(HostProbe.modes(List.of(folder, key, closed, folder.resolve("sealing.key"))));

        assertEquals(2, found.size());
        assertEquals(
                new Finding("rights", Result.WARNING, "others may look into " + folder, "chmod 700 " + folder),
                found.get(0));
        assertEquals("others may read " + key + ": chmod 600 " + key, failed(found.get(1)));
    }

    @Test
    void folderThatOthersChangeFails() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwx---"));

        List<Finding> found = HostChecks.modes(HostProbe.modes(List.of(folder)));

        assertEquals("others may change " + folder + ": chmod 700 " + folder, failed(found.get(0)));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        assertEquals(
                Result.OK,
                HostChecks.modes(HostProbe.modes(List.of(folder))).get(0).result());
    }

    @Test
    void thisMachineIsFoundOut() throws Exception {
        assertTrue(HostProbe.rights().user() >= 0);
        assertTrue(HostProbe.free(folder.resolve("not/there/yet")) > 0);
        assertFalse(HostProbe.hasInterface("no-such-link"));
    }
}
