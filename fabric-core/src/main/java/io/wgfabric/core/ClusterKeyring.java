package io.wgfabric.core;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command.BootstrapCluster;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Prefix;
import io.wgfabric.core.backup.Backup;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.JoinTokens;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Pin;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.state.State;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The cluster's private keys, opened: authority, join tokens, configurations. Every manager that has the sealing key
 * opens the same ones from the replicated state. Immutable.
 */
public final class ClusterKeyring {
    private static final String AUTHORITY_KEY = "authority-key";
    private static final String TOKEN_KEY = "token-key";
    private static final String CONFIG_KEY = "config-key";

    private final ClusterId cluster;
    private final CertificateAuthority authority;
    private final JoinTokens tokens;
    private final NetmapSigner signer;
    private final Sealer sealer;

    private ClusterKeyring(
            ClusterId cluster, CertificateAuthority authority, JoinTokens tokens, NetmapSigner signer, Sealer sealer) {
        this.cluster = cluster;
        this.authority = authority;
        this.tokens = tokens;
        this.signer = signer;
        this.sealer = sealer;
    }

    /** The first command of a new cluster, with keys that nobody else has. */
    public static BootstrapCluster bootstrap(
            ClusterId cluster, List<Prefix> pools, Sealer sealer, Operator admin, Instant now) {
        KeyPair authorityPair = Keys.generateP256();
        KeyPair tokenPair = Keys.generateEd25519();
        KeyPair configPair = Keys.generateEd25519();
        CertificateAuthority authority = CertificateAuthority.create(cluster, authorityPair, now);
        X509Certificate signer = authority.issueConfigSigner(cluster, configPair.getPublic(), now);
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
        Cluster cluster = view.cluster().orElseThrow(() -> new CryptoException("there is no cluster yet"));
        X509Certificate certificate = Certificates.decode(cluster.caCertificate());
        return new ClusterKeyring(
                cluster.id(),
                new CertificateAuthority(certificate, privateKey(view, sealer, AUTHORITY_KEY, "EC"), nodeLife),
                new JoinTokens(
                        cluster.id(),
                        privateKey(view, sealer, TOKEN_KEY, "Ed25519"),
                        Keys.decodePublic("Ed25519", published(view, TOKEN_KEY).toArray())),
                new NetmapSigner(
                        privateKey(view, sealer, CONFIG_KEY, "Ed25519"),
                        Certificates.decode(published(view, CONFIG_KEY)),
                        certificate),
                sealer);
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

    public CertificateAuthority authority() {
        return authority;
    }

    public Bytes pin() {
        return Pin.of(authority.certificate());
    }

    public JoinTokens tokens() {
        return tokens;
    }

    public NetmapSigner signer() {
        return signer;
    }

    /** A backup of this state, to be opened with the sealing key alone. */
    public byte[] backup(State state, Instant now) {
        return Backup.seal(state, sealer, now);
    }
}
