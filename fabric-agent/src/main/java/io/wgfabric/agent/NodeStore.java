package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.PresharedKey;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.AuthorityCertificate;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.wire.PresharedKeyRequest.Pair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What a node knows of itself, in a folder that only its owner reads. {@code node.json} is written last when a node
 * joins: while it is missing, the node has not joined.
 *
 * <p>Not thread-safe, but for what concerns the configuration, {@link #believe} and all that reads, which may be called beside the
 * rest.
 */
public final class NodeStore {
    private static final Logger LOGGER = System.getLogger(NodeStore.class.getName());
    private static final String IDENTITY = "node.json";
    private static final String JOINING = "joining.json";
    private static final String WIREGUARD = "wireguard.json";
    private static final String PRESHARED = "preshared.json";
    private static final String NETMAP = "netmap.jws";
    private static final String SEEN = "seen.json";
    private static final String TLS_KEY = "tls.key";
    private static final String TLS_PUBLIC = "tls.pub";
    private static final String TLS_CERTIFICATE = "tls.crt";
    private static final String AUTHORITIES = "authorities.json";
    private static final String EXIT = "exit.json";

    /**
     * Who this node is and where it was told to be.
     *
     * @param interfaceName of the main plane; null for a manager that takes no part in the mesh
     * @param managers {@code HOST:PORT} as known at the join; the netmap has newer ones
     * @param advertise where others reach this node, as told by the operator; null to find out
     */
    public record Identity(
            ClusterId cluster,
            NodeId node,
            NodeName name,
            Role role,
            List<String> managers,
            @Nullable String interfaceName,
            int mainPort,
            int sparePort,
            @Nullable String advertise) {}

    /** The private keys in Base64; the file is the node's own key file. */
    private record StoredKeys(
            String main,
            String spare,
            @Nullable String nextMain,
            @Nullable String nextSpare) {
        @Override
        public String toString() {
            return "StoredKeys";
        }
    }

    /** @param key in Base64 */
    private record StoredPairKey(Pair pair, String key) {
        @Override
        public String toString() {
            return "StoredPairKey[" + pair + "]";
        }
    }

    /**
     * Which exit node this machine uses.
     *
     * @param node null for none any more
     */
    record Exit(@Nullable NodeId node) {}

    /** @param token SHA-256 of the token that the attempt was made with */
    private record Joining(RequestId request, String token) {}

    /** A shorter configuration counts as this long where it is asked whether it was outgrown. */
    private static final long MIN_BASE = 16 << 10;

    private final Path folder;

    /** How long the full configuration in the file is, and all that is good of the file; 0 while that is not known. */
    private long netmapBase;

    private long netmapEnd;

    public NodeStore(Path folder) {
        this.folder = folder;
    }

    public Path folder() {
        return folder;
    }

    public boolean hasJoined() {
        return Files.exists(folder.resolve(IDENTITY));
    }

    /** The files that let whoever reads them be this node; not all of them are always there. */
    public List<Path> secretFiles() {
        return List.of(folder.resolve(WIREGUARD), folder.resolve(PRESHARED), folder.resolve(TLS_KEY));
    }

    /** Whether a join may be under way: its request id is stored. */
    boolean isJoining() {
        return Files.exists(folder.resolve(JOINING));
    }

    /** @throws IOException if the node has not joined, or its files cannot be read; the message says what to do */
    public Identity identity() throws IOException {
        if (!hasJoined()) {
            boolean manager = Files.exists(folder.resolve("settings.json"));
            throw new IOException(
                    manager
                            ? folder + " is a manager's; its own node is in " + folder.resolve("node")
                                    + ", and 'fabric node' acts on it"
                            : "no node has joined from " + folder + "; join first, or name its folder with --data");
        }
        return read(IDENTITY, Identity.class);
    }

    /** Makes what a join needs: keys, and a request id that an interrupted attempt with the same token reuses. */
    public RequestId beginJoin(String tokenHash) throws IOException {
        AtomicFiles.makeFolder(folder);
        if (isJoining() && Files.exists(folder.resolve(WIREGUARD)) && Files.exists(folder.resolve(TLS_PUBLIC))) {
            Joining before = read(JOINING, Joining.class);
            if (before.token().equals(tokenHash)) {
                return before.request();
            }
        }
        // An old request must not be repeated with new keys, nor what an older membership saw be held against this one.
        removeAll();
        createKeys();
        KeyPair tls = Keys.generateP256();
        AtomicFiles.write(folder.resolve(TLS_KEY), tls.getPrivate().getEncoded());
        AtomicFiles.write(folder.resolve(TLS_PUBLIC), tls.getPublic().getEncoded());
        Joining joining = new Joining(new RequestId(UUID.randomUUID().toString()), tokenHash);
        write(JOINING, joining);
        return joining.request();
    }

    /** The TLS keys of the join that is under way; a repeat must show the same. */
    KeyPair joiningTlsKeys() throws IOException {
        return new KeyPair(Keys.decodePublic("EC", Files.readAllBytes(folder.resolve(TLS_PUBLIC))), tlsKey());
    }

    /** Makes the WireGuard keys of a node. */
    public NodeKeys createKeys() throws IOException {
        AtomicFiles.makeFolder(folder);
        WireGuardKeys keys = WireGuardKeys.generate();
        saveKeys(keys);
        return keys.publicKeys();
    }

    /**
     * The node has been admitted.
     *
     * @param tlsKey what the certificate is for; it is stored in this folder and nowhere else
     * @param netmap null while the node waits for approval
     */
    public void completeJoin(
            Identity identity,
            java.security.PrivateKey tlsKey,
            Bytes certificate,
            Authorities authorities,
            @Nullable SignedNetmap netmap)
            throws IOException {
        AtomicFiles.write(folder.resolve(TLS_KEY), tlsKey.getEncoded());
        AtomicFiles.write(folder.resolve(TLS_CERTIFICATE), certificate.toArray());
        believe(authorities);
        if (netmap != null) {
            writeNetmap(netmap);
        }
        write(IDENTITY, identity);
        Files.deleteIfExists(folder.resolve(JOINING));
    }

    /**
     * Removes all of it: the node was refused, or has left. Leaves what is not the node's, and a folder that is not its
     * own to remove, such as a volume's.
     */
    public void erase() throws IOException {
        removeAll();
        try (var rest = Files.list(folder)) {
            if (rest.findAny().isPresent()) {
                return;
            }
        } catch (NoSuchFileException e) {
            return;
        }
        try {
            Files.delete(folder);
        } catch (FileSystemException e) {
            LOGGER.log(Level.DEBUG, "an empty folder stays: {0}", e.getMessage());
        }
    }

    /** First what says that it has joined or joins: without that the rest counts for nothing. */
    private void removeAll() throws IOException {
        for (String name : List.of(
                IDENTITY,
                JOINING,
                WIREGUARD,
                PRESHARED,
                NETMAP,
                SEEN,
                TLS_KEY,
                TLS_PUBLIC,
                TLS_CERTIFICATE,
                AUTHORITIES,
                EXIT)) {
            Files.deleteIfExists(folder.resolve(name));
        }
    }

    public java.security.PrivateKey tlsKey() throws IOException {
        return Keys.decodePrivate("EC", Files.readAllBytes(folder.resolve(TLS_KEY)));
    }

    public X509Certificate certificate() throws IOException {
        return Certificates.decode(Bytes.of(Files.readAllBytes(folder.resolve(TLS_CERTIFICATE))));
    }

    /** The authorities of its cluster that it believes. */
    public Authorities authorities() throws IOException {
        try {
            return Authorities.of(List.of(read(AUTHORITIES, AuthorityCertificate[].class)));
        } catch (CryptoException e) {
            throw damaged(AUTHORITIES, e);
        }
    }

    /** The same, for who asks in the middle of a handshake. */
    public Authorities believed() {
        try {
            return authorities();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** Believes these from now on, and no others. */
    public synchronized void believe(Authorities authorities) throws IOException {
        write(AUTHORITIES, authorities.told());
    }

    /** The same if they are of a later step than those that are believed when it is written. */
    synchronized void believeIfLater(Authorities offered) throws IOException {
        if (offered.areLaterThan(authorities())) {
            believe(offered);
        }
    }

    /** The certificate that follows the one it has, for the same key. */
    public void saveCertificate(X509Certificate certificate) throws IOException {
        AtomicFiles.write(
                folder.resolve(TLS_CERTIFICATE),
                Certificates.encode(certificate).toArray());
    }

    /** The public halves of the WireGuard keys. */
    public NodeKeys publicKeys() throws IOException {
        return keys().publicKeys();
    }

    WireGuardKeys keys() throws IOException {
        StoredKeys stored = read(WIREGUARD, StoredKeys.class);
        try {
            return new WireGuardKeys(
                    decode(stored.main()),
                    decode(stored.spare()),
                    stored.nextMain() == null ? null : decode(stored.nextMain()),
                    stored.nextSpare() == null ? null : decode(stored.nextSpare()));
        } catch (IllegalArgumentException e) {
            throw damaged(WIREGUARD, e);
        }
    }

    void saveKeys(WireGuardKeys keys) throws IOException {
        write(
                WIREGUARD,
                new StoredKeys(
                        encode(keys.main()),
                        encode(keys.spare()),
                        keys.nextMain() == null ? null : encode(keys.nextMain()),
                        keys.nextSpare() == null ? null : encode(keys.nextSpare())));
    }

    /** The pre-shared keys that it was given. */
    Map<Pair, PresharedKey> pairKeys() throws IOException {
        if (!Files.exists(folder.resolve(PRESHARED))) {
            return Map.of();
        }
        Map<Pair, PresharedKey> keys = new HashMap<>();
        try {
            for (StoredPairKey stored : read(PRESHARED, StoredPairKey[].class)) {
                keys.put(stored.pair(), PresharedKey.of(Base64.getDecoder().decode(stored.key())));
            }
        } catch (IllegalArgumentException e) {
            throw damaged(PRESHARED, e);
        }
        return Map.copyOf(keys);
    }

    void savePairKeys(Map<Pair, PresharedKey> keys) throws IOException {
        List<StoredPairKey> stored = keys.entrySet().stream()
                .map(each -> new StoredPairKey(
                        each.getKey(),
                        Base64.getEncoder().encodeToString(each.getValue().secretBytes())))
                .toList();
        write(PRESHARED, stored);
    }

    /**
     * The newest configuration that was verified: a full one in the file's first line, and what followed it, a delta a
     * line. A last line without an end is left out: the node died while it wrote it. Empty before the first.
     */
    public Optional<SignedNetmap> netmap() throws IOException {
        String text;
        try {
            text = new String(Files.readAllBytes(folder.resolve(NETMAP)), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        int end = text.indexOf('\n');
        if (end < 0) {
            return Optional.of(SignedNetmap.of(text));
        }
        String whole = text.substring(end + 1, text.lastIndexOf('\n') + 1);
        return Optional.of(
                new SignedNetmap(text.substring(0, end), whole.lines().toList()));
    }

    /** Both files say which edition it is; the second one lasts where the first cannot be verified, as with a wrong clock. */
    synchronized void saveNetmap(SignedNetmap netmap, Edition edition) throws IOException {
        writeNetmap(netmap);
        write(SEEN, edition);
    }

    private void writeNetmap(SignedNetmap netmap) throws IOException {
        AtomicFiles.write(folder.resolve(NETMAP), text(netmap));
        keepNetmap(netmap);
    }

    /** What is stored is good so far; what comes after it in the file is overwritten by the next delta. */
    synchronized void keepNetmap(SignedNetmap netmap) {
        netmapBase = netmap.base().length() + 1L;
        netmapEnd = text(netmap).length;
    }

    private static byte[] text(SignedNetmap netmap) {
        StringBuilder text = new StringBuilder(netmap.base()).append('\n');
        netmap.deltas().forEach(delta -> text.append(delta).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Stores a delta behind what is good; on the disk once this returns. */
    synchronized void appendDelta(String line) throws IOException {
        if (netmapEnd == 0) {
            throw new IOException("there is no configuration that a delta could follow");
        }
        // The end of the line before it once more: a file of an earlier version has none.
        ByteBuffer bytes = ByteBuffer.wrap(("\n" + line + "\n").getBytes(StandardCharsets.UTF_8));
        long at = netmapEnd - 1;
        try (FileChannel file = FileChannel.open(folder.resolve(NETMAP), StandardOpenOption.WRITE)) {
            file.truncate(netmapEnd);
            file.position(at);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        } catch (IOException e) {
            throw new IOException("cannot write " + folder.resolve(NETMAP) + ": " + e.getMessage(), e);
        }
        netmapEnd = at + bytes.limit();
    }

    /** How many times as long as the full configuration what followed it is. */
    synchronized double growth() {
        return netmapBase == 0 ? 0 : (double) (netmapEnd - netmapBase) / Math.max(netmapBase, MIN_BASE);
    }

    /** The newest configuration that was ever admitted here. */
    Edition seen() throws IOException {
        Edition saved = Files.exists(folder.resolve(SEEN)) ? read(SEEN, Edition.class) : Edition.NONE;
        Edition claimed = netmap().map(SignedNetmap::claimed).orElse(Edition.NONE);
        return saved.isBefore(claimed) ? claimed : saved;
    }

    /** What was said of an exit node at last; empty if never anything was. */
    Optional<Exit> exit() throws IOException {
        try {
            return Optional.of(read(EXIT, Exit.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    void saveExit(Exit exit) throws IOException {
        write(EXIT, exit);
    }

    private static String encode(PrivateKey key) {
        return Base64.getEncoder().encodeToString(key.secretBytes());
    }

    private static PrivateKey decode(String text) {
        return PrivateKey.of(Base64.getDecoder().decode(text));
    }

    private void write(String name, Object value) throws IOException {
        AtomicFiles.write(folder.resolve(name), Json.mapper().writeValueAsBytes(value));
    }

    private <T> T read(String name, Class<T> type) throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve(name));
        try {
            return Json.mapper().readValue(bytes, type);
        } catch (JacksonException e) {
            throw damaged(name, e);
        }
    }

    private IOException damaged(String name, @Nullable Exception cause) {
        return new IOException(
                folder.resolve(name) + " is damaged; restore it from a backup, or remove the folder and join again",
                cause);
    }
}
