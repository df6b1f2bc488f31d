package io.wgfabric.javalin.doctor;

import static io.wgfabric.javalin.doctor.Finding.failed;
import static io.wgfabric.javalin.doctor.Finding.ok;
import static io.wgfabric.javalin.doctor.Finding.warning;

import io.wgfabric.agent.wireguard.Tunnels;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a machine needs for a node, whichever it is. Pure. */
final class HostChecks {
    /** A snapshot of a large cluster beside its log still fits into this. */
    static final long LEAST_FREE = 100L << 20;

    static final long LITTLE_FREE = 500L << 20;

    private static final Set<PosixFilePermission> OTHERS =
            EnumSet.range(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_EXECUTE);
    private static final Set<PosixFilePermission> CHANGES =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private HostChecks() {}

    /** A file or folder and who may do what with it. */
    record Mode(Path path, boolean folder, Set<PosixFilePermission> rights) {}

    /** @param tunnel whether there is to be one */
    static Finding rights(Rights have, boolean tunnel) {
        if (!tunnel) {
            return ok("root", "a manager without a tunnel needs no right of the system");
        }
        if (have.netAdmin()) {
            return ok("root", have.user() == 0 ? "this is root" : "user " + have.user() + " may make interfaces");
        }
        return have.user() == 0
                ? failed(
                        "root",
                        "root may not make interfaces here (CAP_NET_ADMIN)",
                        "give the container that right, with --cap-add NET_ADMIN")
                : failed(
                        "root", "this is user " + have.user() + ", not root", "repeat it as root, and run the node so");
    }

    static List<Finding> programs(Tunnels.Means means) {
        List<Finding> found = new ArrayList<>();
        found.add(
                means.ip()
                        ? ok("ip", "installed")
                        : failed("ip", "the program ip is not installed", "install the package iproute2"));
        if (means.wg()) {
            found.add(ok("wg", "installed"));
        } else if (means.kernel()) {
            found.add(failed("wg", "the program wg is not installed", "install the package wireguard-tools"));
        } else {
            found.add(warning(
                    "wg",
                    "the program wg is not installed, so nobody can look at the interface",
                    "install the package wireguard-tools"));
        }
        found.addAll(wireGuard(means));
        return found;
    }

    private static List<Finding> wireGuard(Tunnels.Means means) {
        if (means.kernel()) {
            return List.of(ok("wireguard", "the kernel has it"));
        }
        Finding program = means.userspace()
                ? ok("wireguard", means.implementation() + " does it, since the kernel has none")
                : failed(
                        "wireguard",
                        "the kernel has none, and " + means.implementation() + " is not installed",
                        "modprobe wireguard, or install the package wireguard-go");
        Finding device = means.tun()
                ? ok("tun", "/dev/net/tun is there")
                : failed("tun", "/dev/net/tun is missing", "modprobe tun; for a container, --device /dev/net/tun");
        return List.of(program, device);
    }

    /** @param free in bytes, for who runs this */
    static Finding disk(Path folder, long free) {
        String found = free / (1 << 20) + " MiB are free for " + folder;
        String mend = "free the disk, or move the folder; a manager stops when it cannot write";
        if (free < LEAST_FREE) {
            return failed("disk", found, mend);
        }
        return free < LITTLE_FREE ? warning("disk", found, mend) : ok("disk", found);
    }

    /** What others may read, and what others may change. */
    static List<Finding> modes(List<Mode> modes) {
        List<Finding> found = new ArrayList<>();
        for (Mode mode : modes) {
            Set<PosixFilePermission> open = EnumSet.copyOf(OTHERS);
            open.retainAll(mode.rights());
            if (open.isEmpty()) {
                continue;
            }
            String mend = "chmod " + (mode.folder() ? "700 " : "600 ") + mode.path();
            boolean changes = CHANGES.stream().anyMatch(open::contains);
            if (mode.folder() && !changes) {
                // The files in it are closed by themselves; a volume often comes so.
                found.add(warning("rights", "others may look into " + mode.path(), mend));
            } else {
                found.add(failed("rights", "others may " + (changes ? "change " : "read ") + mode.path(), mend));
            }
        }
        return found.isEmpty()
                ? List.of(ok("rights", modes.size() + " files and folders, for their owner alone"))
                : found;
    }
}
