package io.wgfabric.javalin.server;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.crypto.ShownCertificate;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** What a thief can do who got the key of the cluster's authority: he says that he is a manager. */
final class OldAuthority {
    private final ClusterId cluster;
    private final CertificateAuthority authority;
    private final NodeId pretended;
    private final KeyPair key = Keys.generateP256();

    private OldAuthority(ClusterId cluster, CertificateAuthority authority, NodeId pretended) {
        this.cluster = cluster;
        this.authority = authority;
        this.pretended = pretended;
    }

    /** Takes the key that issues now from a manager's folder. */
    static OldAuthority steal(FabricServer server, Path data) throws IOException {
        byte[] sealing = SealingKeyFile.open(data.resolve("sealing.key"), Passphrase.NONE)
                .sealingKey();
        ClusterKeyring keyring = ClusterKeyring.open(server.fabric().view(), new Sealer(sealing));
        return new OldAuthority(
                keyring.cluster(), keyring.authority(), server.self().id());
    }

    private SSLContext tls(Authorities believed) {
        X509Certificate forged =
                authority.issueNode(key.getPublic(), new NodeIdentity(cluster, Role.MGMT, pretended), Instant.now());
        return tls(key.getPrivate(), forged, believed);
    }

    private SSLContext tls(PrivateKey own, X509Certificate certificate, Authorities believed) {
        FabricTrust trust = new FabricTrust(() -> believed, cluster, any -> true, InstantSource.system());
        return Tls.context(new ShownCertificate(own, certificate, Authorities.of(authority.certificate())), trust);
    }

    private static boolean opens(SSLContext tls, FabricServer server) {
        try {
            new ControlClient(tls, List.of("127.0.0.1:" + server.settings().port()), null)
                    .call("GET", "/v1/netmap", null, String.class);
            return true;
        } catch (ControlException e) {
            if (e.isRefusal()) {
                return false;
            }
            throw e;
        }
    }

    /** Whether a manager tells him what it tells members. */
    boolean opens(FabricServer server, Authorities believed) {
        return opens(tls(believed), server);
    }

    /** Whether a manager tells it somebody with this genuine certificate of before. */
    boolean opens(FabricServer server, PrivateKey own, X509Certificate certificate, Authorities believed) {
        return opens(tls(own, certificate, believed), server);
    }

    /** Whether a manager's TLS for replication lets him in. Whoever says nothing there is hung up on after a second. */
    boolean replicates(FabricServer server, Authorities believed) throws IOException {
        try (Socket socket = tls(believed)
                .getSocketFactory()
                .createSocket(
                        InetAddress.getLoopbackAddress(), server.settings().replicationPort())) {
            socket.setSoTimeout(10_000);
            ((SSLSocket) socket).startHandshake();
            return socket.getInputStream().read() < 0;
        } catch (SSLException | SocketException e) {
            return false;
        }
    }

    /** A configuration that he signs, newer than all. */
    String netmap(Netmap like) {
        KeyPair signing = Keys.generateEd25519();
        X509Certificate signer = authority.issueConfigSigner(
                cluster, Math.max(1, like.signersFrom()), signing.getPublic(), Instant.now());
        return new NetmapSigner(signing.getPrivate(), signer, authority.certificate())
                .sign(new Netmap(
                        like.cluster(),
                        like.epoch(),
                        new Revision(like.revision().number() + 1_000),
                        like.mtu(),
                        like.pools(),
                        like.members()));
    }
}
