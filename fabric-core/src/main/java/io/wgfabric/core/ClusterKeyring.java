package io.wgfabric.core;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command.BootstrapCluster;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.core.backup.Backup;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.JoinTokens;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Pin;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.state.SigningRules;
import io.wgfabric.core.state.State;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The cluster's private keys, opened: authority, join tokens, configurations. Every manager that has the sealing key
 * opens the same ones from the replicated state. Follows their rotation if it is opened on a fabric. Thread-safe.
 */
public final class ClusterKeyring {
    private static final String AUTHORITY_KEY = SigningRules.nameOf(SigningKey.AUTHORITY, 1);
    private static final String TOKEN_KEY = SigningRules.nameOf(SigningKey.TOKEN, 1);
    private static final String CONFIG_KEY = SigningRules.nameOf(SigningKey.CONFIG, 1);
    private static final Logger LOGGER = System.getLogger(ClusterKeyring.class.getName());

    /** The signing keys as they are at one time, opened. */
    private record Signing(
            SigningKeys token,
            SigningKeys config,
            SigningKeys certifying,
            JoinTokens tokens,
            NetmapSigner signer,
            CertificateAuthority authority) {}

    /** Whom to believe at one time: for that nothing has to be opened. */
    private record Believed(SigningKeys certifying, Authorities authorities) {}

    private final ClusterId cluster;
    private final Duration nodeLife;
    private final Supplier<FabricView> views;
    private final Function<FabricView, Sealer> sealers;
    private volatile Signing signing;
    private volatile Believed believed;

    private ClusterKeyring(
            ClusterId cluster,
            Duration nodeLife,
            Supplier<FabricView> views,
            Function<FabricView, Sealer> sealers,
            Believed believed,
            Signing signing) {
        this.cluster = cluster;
        this.nodeLife = nodeLife;
        this.views = views;
        this.sealers = sealers;
        this.believed = believed;
        this.signing = signing;
    }

    /** The first command of a new cluster, with keys that nobody else has. */
    public static BootstrapCluster bootstrap(
            ClusterId cluster, List<Prefix> pools, Sealer sealer, Operator admin, Instant now) {
        KeyPair authorityPair = Keys.generateP256();
        KeyPair tokenPair = Keys.generateEd25519();
        KeyPair configPair = Keys.generateEd25519();
        CertificateAuthority authority = CertificateAuthority.create(cluster, authorityPair, now);
        X509Certificate signer = authority.issueConfigSigner(cluster, 1, configPair.getPublic(), now);
        TreeMap<String, Bytes> secrets = new TreeMap<>();
        seal(secrets, sealer, AUTHORITY_KEY, authorityPair);
        seal(secrets, sealer, TOKEN_KEY, tokenPair);
        seal(secrets, sealer, CONFIG_KEY, configPair);
        TreeMap<String, Bytes> publicKeys = new TreeMap<>();
        publicKeys.put(TOKEN_KEY, Bytes.of(tokenPair.getPublic().getEncoded()));
        publicKeys.put(CONFIG_KEY, Certificates.encode(signer));
        return new BootstrapCluster(
                cluster, pools, Certificates.encode(authority.certificate()), secrets, publicKeys, admin);
    }

    private static void seal(Map<String, Bytes> secrets, Sealer sealer, String name, KeyPair pair) {
        byte[] encoded = pair.getPrivate().getEncoded();
        secrets.put(name, sealer.seal(name, encoded));
        Arrays.fill(encoded, (byte) 0);
    }

    /** @throws CryptoException if the sealing key is not this cluster's, or there is no cluster yet */
    public static ClusterKeyring open(FabricView view, Sealer sealer) {
        return open(view, sealer, CertificateAuthority.NODE_LIFE);
    }

    /** @param nodeLife how long the certificates of nodes are valid */
    public static ClusterKeyring open(FabricView view, Sealer sealer, Duration nodeLife) {
        return follow(() -> view, newest -> sealer, nodeLife);
    }

    /**
     * Opens what is there now, and what follows it.
     *
     * @param views the newest state
     * @param sealers what opens the secrets of a state
     */
    public static ClusterKeyring follow(
            Supplier<FabricView> views, Function<FabricView, Sealer> sealers, Duration nodeLife) {
        FabricView view = views.get();
        Sealer sealer = sealers.apply(view);
        Cluster cluster = view.cluster().orElseThrow(() -> new CryptoException("there is no cluster yet"));
        Believed believed = believed(view);
        return new ClusterKeyring(
                cluster.id(),
                nodeLife,
                views,
                sealers,
                believed,
                signing(cluster.id(), believed, nodeLife, view, sealer));
    }

    private static Believed believed(FabricView view) {
        return new Believed(view.signing(SigningKey.AUTHORITY), Authorities.of(Netmap.authorities(view)));
    }

    private static Signing signing(
            ClusterId cluster, Believed believed, Duration nodeLife, FabricView view, Sealer sealer) {
        SigningKeys token = view.signing(SigningKey.TOKEN);
        SigningKeys config = view.signing(SigningKey.CONFIG);
        List<PublicKey> verifying = new ArrayList<>();
        for (int generation = token.newest(); generation >= token.oldest(); generation--) {
            String name = SigningRules.nameOf(SigningKey.TOKEN, generation);
            verifying.add(Keys.decodePublic("Ed25519", published(view, name).toArray()));
        }
        String tokenKey = SigningRules.nameOf(SigningKey.TOKEN, token.used());
        String configKey = SigningRules.nameOf(SigningKey.CONFIG, config.used());
        String authorityKey =
                SigningRules.nameOf(SigningKey.AUTHORITY, believed.certifying().used());
        return new Signing(
                token,
                config,
                believed.certifying(),
                new JoinTokens(cluster, privateKey(view, sealer, tokenKey, "Ed25519"), verifying),
                new NetmapSigner(
                        privateKey(view, sealer, configKey, "Ed25519"),
                        Certificates.decode(published(view, configKey)),
                        believed.authorities()),
                new CertificateAuthority(
                        believed.authorities().used(), privateKey(view, sealer, authorityKey, "EC"), nodeLife));
    }

    /** The keys of the newest state; those of before while the newest cannot be opened. */
    private Signing newest() {
        FabricView view = views.get();
        Signing current = signing;
        if (isOf(view, current)) {
            return current;
        }
        synchronized (this) {
            current = signing;
            if (!isOf(view, current)) {
                try {
                    current = signing(cluster, believed(view), nodeLife, view, sealers.apply(view));
                    signing = current;
                } catch (CryptoException e) {
                    LOGGER.log(Level.WARNING, "the newest signing keys cannot be opened: {0}", e.getMessage());
                }
            }
            return current;
        }
    }

    private static boolean isOf(FabricView view, Signing signing) {
        return signing.token().equals(view.signing(SigningKey.TOKEN))
                && signing.config().equals(view.signing(SigningKey.CONFIG))
                && signing.certifying().equals(view.signing(SigningKey.AUTHORITY));
    }

    private static Bytes published(FabricView view, String name) {
        return view.publicKey(name).orElseThrow(() -> new CryptoException("the state has no key '" + name + "'"));
    }

    private static PrivateKey privateKey(FabricView view, Sealer sealer, String name, String algorithm) {
        Bytes sealed = view.sealedSecret(name)
                .orElseThrow(() -> new CryptoException("the state has no secret '" + name + "'"));
        byte[] opened = sealer.open(name, sealed);
        try {
            return Keys.decodePrivate(algorithm, opened);
        } finally {
            Arrays.fill(opened, (byte) 0);
        }
    }

    public ClusterId cluster() {
        return cluster;
    }

    /** What issues certificates now. */
    public CertificateAuthority authority() {
        return newest().authority();
    }

    /** The authorities that are believed now; the same object until that changes. */
    public Authorities authorities() {
        FabricView view = views.get();
        Believed current = believed;
        if (!current.certifying().equals(view.signing(SigningKey.AUTHORITY))) {
            current = believed(view);
            believed = current;
        }
        return current.authorities();
    }

    /** Of the authority that issues now. */
    public Bytes pin() {
        return Pin.of(authority().certificate());
    }

    public JoinTokens tokens() {
        return newest().tokens();
    }

    public NetmapSigner signer() {
        return newest().signer();
    }

    /** A backup of this state, to be opened with the sealing key alone. */
    public byte[] backup(State state, Instant now) {
        return Backup.seal(state, sealers.apply(Replay.of(state)), now);
    }
}
