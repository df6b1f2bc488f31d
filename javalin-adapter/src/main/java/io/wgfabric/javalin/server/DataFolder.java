package io.wgfabric.javalin.server;

import io.wgfabric.agent.AtomicFiles;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.jgroups.StoppedLog;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A manager's folder: all that it must find again after a restart. One process uses it at a time. {@code settings.json}
 * is written last when a manager comes into being: while it is missing, there is no manager.
 */
final class DataFolder implements AutoCloseable {
    private static final String SETTINGS = "settings.json";
    private static final String SEALING_KEY = "sealing.key";
    private static final String OPERATOR = "operator.json";
    private static final String MANAGERS = "managers.json";
    private static final String EPOCH = "epoch.json";
    private static final String LOCK = "lock";
    private static final String RAFT = "raft";
    private static final String NODE = "node";

    /** In the folder of the node: it has asked to be admitted, and has no answer yet. */
    private static final String JOINING = "joining.json";

    private static final Logger LOGGER = System.getLogger(DataFolder.class.getName());

    private final Path root;
    private final boolean made;
    private final FileChannel lock;

    /** Made for a manager that is not complete yet; gone if it comes to nothing. */
    private @Nullable Path madeKey;

    private DataFolder(Path root, boolean made, FileChannel lock) {
        this.root = root;
        this.made = made;
        this.lock = lock;
    }

    /**
     * Where managers are, {@code HOST:PORT}.
     *
     * @param replication of the others
     * @param api REST interfaces, this manager's own among them
     */
    record Managers(List<String> replication, List<String> api) {
        static final Managers NONE = new Managers(List.of(), List.of());
    }

    /**
     * Which epoch of the cluster a manager belongs to.
     *
     * @param begun whether it has had a log: one that is gone since had acknowledged what others rely on
     * @param recovering the recovery to this epoch that was begun and is not finished; null if there is none
     */
    record Epoch(long number, boolean begun, @Nullable Recovering recovering) {
        Epoch withLog() {
            return new Epoch(number, true, recovering);
        }
    }

    /** Who recovers, and why; a repeat says the same, so that it is the same command. */
    record Recovering(String who, String reason) {}

    /** Where the operator's file is, in the data folder of the first manager. */
    static Path operatorFile(Path root) {
        return root.resolve(OPERATOR);
    }

    /** Where a manager's own identity is. */
    static Path nodeFolder(Path root) {
        return root.resolve(NODE);
    }

    /** The REST interfaces that a manager knows, by its folder alone; its own first. */
    static List<String> apis(Path root) throws IOException {
        if (!Files.exists(root.resolve(SETTINGS))) {
            return List.of();
        }
        Settings settings = read(root, SETTINGS, Settings.class);
        Set<String> apis = new LinkedHashSet<>();
        apis.add(new HostPort(settings.advertise(), settings.advertisedPort()).toString());
        if (Files.exists(root.resolve(MANAGERS))) {
            apis.addAll(read(root, MANAGERS, Managers.class).api());
        }
        return List.copyOf(apis);
    }

    /**
     * Takes a folder for a new manager; makes it if it is missing.
     *
     * @throws IOException if it holds a manager already, is in use, or cannot be written; the message says what to do
     */
    static DataFolder create(Path root) throws IOException {
        boolean made = !Files.exists(root);
        AtomicFiles.makeFolder(root);
        DataFolder folder = new DataFolder(root, made, lock(root));
        try {
            folder.requireNoManager();
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
        return folder;
    }

    private void requireNoManager() throws IOException {
        if (Files.exists(root.resolve(SETTINGS))) {
            throw new IOException(root + " holds a manager already; start it with 'fabric server run --data " + root
                    + "', or choose another --data");
        }
        boolean begun = Files.exists(root.resolve(RAFT));
        // Only who was admitted to a cluster, or has served, has these: not what an init leaves that was killed.
        boolean known = Files.exists(root.resolve(MANAGERS))
                || Files.exists(root.resolve(NODE).resolve(JOINING))
                || (node().hasJoined() && !begun);
        if (known && begun) {
            throw new IOException(root.resolve(SETTINGS) + " is missing, and " + root + " has more of a manager;"
                    + " restore it from a backup, or choose another --data");
        }
        boolean left = begun || Files.exists(root.resolve(NODE)) || Files.exists(root.resolve(SEALING_KEY));
        if (!known && left) {
            LOGGER.log(Level.INFO, "{0} has what an init or a restore left that was killed; it is removed", root);
            erase();
        }
    }

    /** Takes the folder of a manager that exists. */
    static DataFolder open(Path root) throws IOException {
        requireManager(root);
        return new DataFolder(root, false, lock(root));
    }

    private static void requireManager(Path root) throws IOException {
        if (!Files.exists(root.resolve(SETTINGS))) {
            throw new IOException("no manager has its data in " + root
                    + "; begin with 'fabric server init' or 'fabric server join', or name its folder with --data");
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    root.resolve(LOCK),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (AccessDeniedException e) {
            throw new IOException("no right to write " + root + ": run as its owner, or choose another --data", e);
        } catch (IOException e) {
            throw new IOException("cannot write " + root + ": " + e.getMessage() + "; choose another --data", e);
        }
        FileLock held = null;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held by this very process, which is refused just so.
            held = null;
        } finally {
            if (held == null) {
                channel.close();
            }
        }
        if (held == null) {
            throw new IOException(root + " is in use by a manager that runs; stop it first");
        }
        return channel;
    }

    /** Where the log is; made if it is missing. */
    Path raft() throws IOException {
        Path folder = root.resolve(RAFT);
        AtomicFiles.makeFolder(folder);
        return folder;
    }

    /** Whether the log of this manager is there. */
    boolean hasLog() {
        return StoppedLog.exists(root.resolve(RAFT));
    }

    /** The first epoch, with no log begun, before one was saved. */
    Epoch epoch() throws IOException {
        return Files.exists(root.resolve(EPOCH)) ? read(EPOCH, Epoch.class) : new Epoch(1, false, null);
    }

    void saveEpoch(Epoch epoch) throws IOException {
        write(EPOCH, epoch);
    }

    Path root() {
        return root;
    }

    NodeStore node() {
        return new NodeStore(root.resolve(NODE));
    }

    /** The settings of the manager that has its data there, whether it runs or not. */
    static Settings settings(Path root) throws IOException {
        requireManager(root);
        return read(root, SETTINGS, Settings.class);
    }

    Settings settings() throws IOException {
        return read(SETTINGS, Settings.class);
    }

    void saveSettings(Settings settings) throws IOException {
        write(SETTINGS, settings);
    }

    /** A key file was made, here or elsewhere. */
    void madeKey(Path file) {
        madeKey = file;
    }

    /** The file that opens the cluster's secrets: here, or where the settings say. */
    Path sealingKey(Settings settings) {
        return sealingKey(root, settings);
    }

    static Path sealingKey(Path root, Settings settings) {
        return settings.sealingKey() == null ? root.resolve(SEALING_KEY) : Path.of(settings.sealingKey());
    }

    /** The operator's file of the folder names the authority that issues now, for whoever copies it. */
    void followAuthority(X509Certificate used) throws IOException {
        Path file = operatorFile(root);
        if (!Files.exists(file)) {
            return;
        }
        OperatorFile operator = OperatorFile.read(file);
        if (!Certificates.decode(operator.authority()).equals(used)) {
            saveOperator(operator.withAuthority(Certificates.encode(used)));
        }
    }

    void saveOperator(OperatorFile operator) throws IOException {
        write(OPERATOR, operator);
    }

    /** Where the managers were when this one last knew. */
    Managers managers() throws IOException {
        return managers(root);
    }

    static Managers managers(Path root) throws IOException {
        return Files.exists(root.resolve(MANAGERS)) ? read(root, MANAGERS, Managers.class) : Managers.NONE;
    }

    void saveManagers(Managers managers) throws IOException {
        write(MANAGERS, managers);
    }

    private void write(String name, Object value) throws IOException {
        AtomicFiles.write(root.resolve(name), Json.mapper().writeValueAsBytes(value));
    }

    private <T> T read(String name, Class<T> type) throws IOException {
        return read(root, name, type);
    }

    private static <T> T read(Path root, String name, Class<T> type) throws IOException {
        try {
            return Json.mapper().readValue(Files.readAllBytes(root.resolve(name)), type);
        } catch (JacksonException e) {
            throw new IOException(root.resolve(name) + " is damaged; restore it from a backup", e);
        } catch (AccessDeniedException e) {
            throw new IOException("no right to read " + root.resolve(name) + ": run as its owner", e);
        }
    }

    /**
     * The stored configuration of this manager: at least as new as its own join.
     *
     * @throws io.wgfabric.core.crypto.CryptoException if it is not to be believed
     */
    Netmap configuration(InstantSource clock) throws IOException {
        NodeStore node = node();
        SignedNetmap stored = node.netmap().orElseThrow(() -> new IOException(root + " has no configuration"));
        return new NetmapVerifier(node.identity().cluster(), node::believed, clock)
                .restore(stored)
                .verified()
                .netmap();
    }

    /** Undoes {@link #create} and what was written since. */
    void discard() throws IOException {
        erase();
        Files.deleteIfExists(root.resolve(LOCK));
        if (made) {
            deleteTree(root);
        }
    }

    /** Removes all of a manager but the lock. The log goes last: it tells that the rest is of an unfinished init. */
    private void erase() throws IOException {
        for (String name : List.of(SETTINGS, OPERATOR, MANAGERS, EPOCH)) {
            Files.deleteIfExists(root.resolve(name));
        }
        SealingKeyFile.erase(root.resolve(SEALING_KEY));
        if (madeKey != null) {
            SealingKeyFile.erase(madeKey);
        }
        node().erase();
        deleteTree(root.resolve(RAFT));
    }

    private static void deleteTree(Path top) throws IOException {
        if (!Files.exists(top)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(top)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
