package io.wgfabric.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Files that only the owner reads, and that are there whole or not at all: written beside, forced to the disk, renamed,
 * the folder forced too.
 */
public final class AtomicFiles {
    private static final String OWNER_FOLDER = "rwx------";
    private static final String OWNER_FILE = "rw-------";

    private AtomicFiles() {}

    /** Makes a folder, with those above it, that only the owner enters; leaves one that exists as it is. */
    public static void makeFolder(Path folder) throws IOException {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_FOLDER)));
            }
        } catch (IOException e) {
            throw explained(folder, e);
        }
    }

    /** Puts the bytes into the file, mode 0600, in one step. */
    public static void write(Path file, byte[] bytes) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(beside);
            Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            try (FileChannel channel = FileChannel.open(
                    beside,
                    options,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_FILE)))) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            }
        } catch (IOException e) {
            IOException explained = explained(file, e);
            try {
                Files.deleteIfExists(beside);
            } catch (IOException left) {
                explained.addSuppressed(left);
            }
            throw explained;
        }
    }

    /** One line that says which file and what to do. */
    private static IOException explained(Path path, IOException e) {
        if (e instanceof AccessDeniedException) {
            return new IOException("no right to write " + path + ": run as its owner, or choose another --data", e);
        }
        String given = e instanceof FileSystemException fs ? fs.getReason() : e.getMessage();
        String reason = given == null ? e.getClass().getSimpleName() : given;
        String mend = reason.contains("No space") || reason.contains("quota") ? "free the disk" : "mend that";
        return new IOException("cannot write " + path + ": " + reason + "; " + mend + ", or choose another --data", e);
    }
}
