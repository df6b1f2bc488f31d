package io.wgfabric.scale.chaos;

import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.Shell;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Small disks of their own for managers: ext4 in a file, through a loop device, so that they can be filled, and can fail
 * the way a real one does, which is to become read-only. Each is mounted in its manager's mount namespace alone and goes
 * with it: no other process keeps a failed one busy. Needs root and e2fsprogs.
 */
final class Disks {
    private static final int MEBIBYTES = 24;
    private static final int CHUNK = 64 << 10;
    private static final Duration LET_GO = Duration.ofSeconds(30);
    private static final String BALLAST = "ballast";

    /**
     * Mounts, and becomes the program. Right after the end of the last one the kernel may still hold the disk; and what
     * has failed has a journal to play back, which a loop device that is read-only itself would not let it do.
     */
    private static final String MOUNT =
            "n=0; until mount -o loop,errors=remount-ro \"$1\" \"$2\"; do n=$((n + 1)); [ $n -lt 100 ] || exit 9;"
                    + " sleep 0.1; done; [ \"$0\" = rw ] || mount -o remount,ro \"$2\"; shift 2; exec \"$@\"";

    private final Path folder;

    /** @param folder where the files are that the disks are in */
    Disks(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new LabException("cannot make " + folder + ": " + e.getMessage(), e);
        }
    }

    private Path image(ManagerHost host) {
        return folder.resolve(host.name() + ".img");
    }

    /** Gives a machine an empty disk, before a manager runs there. */
    void make(ManagerHost host) {
        Shell.require("truncate", "-s", MEBIBYTES + "M", image(host).toString());
        // Nothing is kept for root, who could use it when others cannot.
        Shell.require("mkfs.ext4", "-q", "-m", "0", image(host).toString());
        writable(host, true);
    }

    /** How the disk is mounted from the next start on. */
    void writable(ManagerHost host, boolean yes) {
        host.setLaunch(List.of(
                "sh",
                "-c",
                MOUNT,
                yes ? "rw" : "ro",
                image(host).toString(),
                host.disk().toString()));
    }

    /** Leaves not a byte. */
    void fill(ManagerHost host) {
        byte[] chunk = new byte[CHUNK];
        Path ballast = host.seen(host.disk().resolve(BALLAST));
        int size = CHUNK;
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (size > 0) {
                size = wrote(out, chunk, size) ? size : size / 2;
            }
        } catch (IOException e) {
            throw new LabException("cannot fill " + ballast + ": " + e.getMessage(), e);
        }
    }

    private static boolean wrote(OutputStream out, byte[] chunk, int size) {
        try {
            out.write(chunk, 0, size);
            return true;
        } catch (IOException full) {
            return false;
        }
    }

    /** Undoes {@link #fill}, before the next start. */
    void free(ManagerHost host) {
        awaitFree(host);
        host.host()
                .require(
                        "sh",
                        "-c",
                        MOUNT,
                        "rw",
                        image(host).toString(),
                        host.disk().toString(),
                        "rm",
                        host.disk().resolve(BALLAST).toString());
    }

    /** Lets the file system meet an error of its own, after which the kernel allows no more writing. */
    void fail(ManagerHost host) {
        Path trigger = Path.of("/sys/fs/ext4", device(host), "trigger_fs_error");
        try {
            Files.writeString(trigger, "1");
        } catch (IOException e) {
            throw new LabException("cannot write " + trigger + ": " + e.getMessage(), e);
        }
    }

    /** As the manager's own list of mounts has it, see proc(5). */
    private static String device(ManagerHost host) {
        Path mounts = Path.of("/proc", Long.toString(host.pid()), "mounts");
        try {
            return Files.readAllLines(mounts).stream()
                    .map(line -> line.split(" ", 3))
                    .filter(fields -> fields[1].equals(host.disk().toString()))
                    .map(fields -> Path.of(fields[0]).getFileName().toString())
                    .findFirst()
                    .orElseThrow(() -> new LabException(host + " has no disk of its own"));
        } catch (IOException e) {
            throw new LabException("cannot read " + mounts + ": " + e.getMessage(), e);
        }
    }

    /** Checks it, and makes it writable again; nothing may run there. */
    void repair(ManagerHost host) {
        awaitFree(host);
        Shell.Result checked = Shell.run("e2fsck", "-f", "-y", image(host).toString());
        // 1 and 2: errors were corrected, see e2fsck(8).
        if (checked.status() > 2) {
            throw new LabException("e2fsck found what it could not correct: " + checked.reason());
        }
        writable(host, true);
    }

    /** The kernel gives the loop device up once it has let go of the disk. */
    private void awaitFree(ManagerHost host) {
        long deadline = System.nanoTime() + LET_GO.toNanos();
        while (!Shell.require("losetup", "-j", image(host).toString()).out().isBlank()) {
            if (System.nanoTime() > deadline) {
                throw new LabException("the disk of " + host + " stays in use");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
