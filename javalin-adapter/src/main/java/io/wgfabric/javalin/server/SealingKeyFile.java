package io.wgfabric.javalin.server;

import io.wgfabric.agent.AtomicFiles;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.ManagerKey;
import io.wgfabric.core.crypto.PassphraseLock;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The file with the two keys that a manager has for the cluster's secrets: the sealing key, and its own private key to
 * which a new sealing key is encrypted. Both lie together, since whoever has the private key and the log has the sealing
 * key. With a passphrase both are locked; without one only the file's mode protects them.
 *
 * <p>A change is written beside, forced to the disk and renamed, so that at every moment one whole file is there. Used
 * by one thread at a time.
 */
final class SealingKeyFile {
    private static final int VERSION = 1;
    /** More than the longest form has. */
    private static final int MAX_BYTES = 4096;

    private static final Set<PosixFilePermission> OTHERS = EnumSet.complementOf(EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE));

    private static final Logger LOGGER = System.getLogger(SealingKeyFile.class.getName());

    /**
     * @param managerKey the private key; with a lock it is in there
     * @param sealingKey null until the cluster has given it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Stored(
            int version,
            byte @Nullable [] managerKey,
            byte @Nullable [] sealingKey,
            PassphraseLock.@Nullable Locked locked) {
        @Override
        public String toString() {
            return "SealingKeyFile.Stored";
        }
    }

    private final Path file;
    private final ManagerKey managerKey;
    private byte @Nullable [] sealingKey;
    private @Nullable PassphraseLock lock;

    private SealingKeyFile(
            Path file, ManagerKey managerKey, byte @Nullable [] sealingKey, @Nullable PassphraseLock lock) {
        this.file = file;
        this.managerKey = managerKey;
        this.sealingKey = sealingKey;
        this.lock = lock;
    }

    /**
     * Makes the file of a new manager.
     *
     * @param sealingKey null if the cluster gives it later
     * @throws IOException if there is a file already, or it cannot be written; the message says what to do
     */
    static SealingKeyFile create(Path file, byte @Nullable [] sealingKey, Passphrase passphrase) throws IOException {
        if (Files.exists(file)) {
            throw new IOException(file + " exists already; choose another --sealing-key");
        }
        byte[] secret = passphrase.read(false);
        SealingKeyFile made = new SealingKeyFile(
                file,
                ManagerKey.generate(),
                sealingKey == null ? null : sealingKey.clone(),
                secret == null ? null : locking(secret));
        made.write();
        return made;
    }

    private static PassphraseLock locking(byte[] passphrase) throws IOException {
        try {
            return PassphraseLock.create(passphrase);
        } catch (CryptoException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
    }

    /** What an interrupted join has left, or a new file: a repeat must show the same public key. */
    static SealingKeyFile joining(Path file, Passphrase passphrase) throws IOException {
        if (!Files.exists(file)) {
            return create(file, null, passphrase);
        }
        SealingKeyFile found = open(file, passphrase);
        if (found.sealingKey != null) {
            throw new IOException(file + " is another manager's; choose another --sealing-key");
        }
        return found;
    }

    /**
     * @throws IOException if it is missing, others can read it, the passphrase is wrong, or it is damaged; the message
     *     says what to do
     */
    static SealingKeyFile open(Path file, Passphrase passphrase) throws IOException {
        byte[] bytes = read(file);
        try {
            return open(file, Json.mapper().readValue(bytes, Stored.class), passphrase);
        } catch (JacksonException | CryptoException e) {
            String why = e instanceof CryptoException
                    ? file + ": " + e.getMessage()
                    : file + " is no sealing key, or damaged";
            throw new IOException(why + (why.contains("passphrase") ? "" : "; restore it from a backup"), e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static byte[] read(Path file) throws IOException {
        try {
            if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
                throw new IOException("others than its owner have rights to " + file + "; run: chmod 600 " + file);
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException(file + " is no sealing key; name another with --sealing-key");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    file + " is missing; restore it, name it with --sealing-key, or join again with another --data", e);
        } catch (AccessDeniedException e) {
            throw new IOException("no right to read " + file + "; run as its owner", e);
        }
    }

    private static SealingKeyFile open(Path file, Stored stored, Passphrase passphrase) throws IOException {
        if (stored.version() != VERSION) {
            throw new IOException(file + " has version " + stored.version() + ", and this program knows " + VERSION
                    + "; install a newer version");
        }
        PassphraseLock.Locked locked = stored.locked();
        byte[] managerKey = stored.managerKey();
        if (locked != null) {
            return unlock(file, locked, passphrase);
        }
        if (managerKey == null) {
            throw new CryptoException("the manager's key is missing");
        }
        byte[] unneeded = passphrase.read(false);
        if (unneeded != null) {
            Arrays.fill(unneeded, (byte) 0);
            LOGGER.log(
                    Level.WARNING,
                    "{0} is not locked, so the passphrase protects nothing; lock it: fabric server passphrase",
                    file);
        }
        return new SealingKeyFile(file, ManagerKey.of(managerKey), stored.sealingKey(), null);
    }

    private static SealingKeyFile unlock(Path file, PassphraseLock.Locked locked, Passphrase passphrase)
            throws IOException {
        byte[] secret = passphrase.read(true);
        if (secret == null) {
            throw new IOException(
                    file + " is locked; give its passphrase with --passphrase-file or as FABRIC_PASSPHRASE");
        }
        try {
            PassphraseLock lock = PassphraseLock.of(locked, secret);
            byte[] opened = lock.open(locked);
            byte[] managerKey = Arrays.copyOf(opened, ManagerKey.SECRET_BYTES);
            byte[] sealingKey = opened.length == ManagerKey.SECRET_BYTES
                    ? null
                    : Arrays.copyOfRange(opened, ManagerKey.SECRET_BYTES, opened.length);
            try {
                return new SealingKeyFile(file, ManagerKey.of(managerKey), sealingKey, lock);
            } finally {
                Arrays.fill(opened, (byte) 0);
                Arrays.fill(managerKey, (byte) 0);
            }
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    ManagerKey managerKey() {
        return managerKey;
    }

    /** A copy, which the caller wipes. */
    byte[] sealingKey() throws IOException {
        if (sealingKey == null) {
            throw new IOException(file + " has no sealing key: the join is not complete; join again");
        }
        return sealingKey.clone();
    }

    /** Returns when the new sealing key is on disk in the place of the old. */
    void replace(byte[] newSealingKey) throws IOException {
        byte[] before = sealingKey;
        sealingKey = newSealingKey.clone();
        try {
            write();
        } catch (IOException e) {
            sealingKey = before;
            throw e;
        }
        if (before != null) {
            Arrays.fill(before, (byte) 0);
        }
    }

    /** Locks with another passphrase, or with null leaves it to the file's mode. */
    void relock(byte @Nullable [] passphrase) throws IOException {
        lock = passphrase == null ? null : locking(passphrase);
        write();
    }

    private void write() throws IOException {
        byte[] manager = managerKey.secretBytes();
        byte[] sealing = sealingKey == null ? new byte[0] : sealingKey;
        PassphraseLock with = lock;
        Stored stored;
        if (with == null) {
            stored = new Stored(VERSION, manager, sealingKey, null);
        } else {
            byte[] both = Arrays.copyOf(manager, manager.length + sealing.length);
            System.arraycopy(sealing, 0, both, manager.length, sealing.length);
            stored = new Stored(VERSION, null, null, with.lock(both));
            Arrays.fill(both, (byte) 0);
        }
        byte[] bytes = Json.mapper().writeValueAsBytes(stored);
        try {
            AtomicFiles.write(file, bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            Arrays.fill(manager, (byte) 0);
        }
    }

    /** Removes a file that was made in vain, and what a crash has left beside it. */
    static void erase(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + ".new"));
    }

    @Override
    public String toString() {
        return "SealingKeyFile[" + file + "]";
    }
}
