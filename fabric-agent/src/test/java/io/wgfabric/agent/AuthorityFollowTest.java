package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.AuthorityCertificate;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.NetmapVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node believes another authority once a configuration says so, and only one that its own has certified. */
class AuthorityFollowTest {
    private static final ClusterId CLUSTER = ClusterId.of(1);
    private final Instant now = Instant.now();

    private final CertificateAuthority old = CertificateAuthority.create(CLUSTER, Keys.generateP256(), now);
    private final KeyPair nextKey = Keys.generateP256();
    private final CertificateAuthority next = CertificateAuthority.create(CLUSTER, nextKey, now);
    private final AuthorityCertificate toldOld =
            new AuthorityCertificate(1, Certificates.encode(old.certificate()), null);
    private final AuthorityCertificate toldNext = new AuthorityCertificate(
            2, Certificates.encode(next.certificate()), Certificates.encode(old.certifyNext(nextKey.getPublic(), now)));
    private final Authorities before = Authorities.of(List.of(toldOld));
    private final Authorities known = Authorities.of(List.of(toldOld, toldNext));
    private final Authorities used = Authorities.of(List.of(toldNext, toldOld));
    private final Authorities retired =
            Authorities.of(List.of(new AuthorityCertificate(2, Certificates.encode(next.certificate()), null)));
    private final KeyPair signing = Keys.generateEd25519();

    @TempDir
    Path temp;

    private NodeStore store = new NodeStore(Path.of(""));

    @BeforeEach
    void join() throws IOException {
        store = joined(temp.resolve("node"), Role.PEER);
    }

    private NodeStore joined(Path folder, Role role) throws IOException {
        NodeStore made = new NodeStore(folder);
        made.createKeys();
        KeyPair tls = Keys.generateP256();
        NodeIdentity identity = new NodeIdentity(CLUSTER, role, NodeId.of(1));
        made.completeJoin(
                new NodeStore.Identity(
                        CLUSTER, identity.node(), new NodeName("a"), role, List.of(), "wgf0", 51820, 51821, null),
                tls.getPrivate(),
                Certificates.encode(old.issueNode(tls.getPublic(), identity, now)),
                before,
                null);
        return made;
    }

    private static NetmapGuard guard(NodeStore store) throws IOException {
        return new NetmapGuard(
                store, NodeId.of(1), new NetmapVerifier(CLUSTER, store::believed, InstantSource.system()));
    }

    private String netmap(long revision, CertificateAuthority from, Authorities shown, Authorities named) {
        return new NetmapSigner(
                        signing.getPrivate(), from.issueConfigSigner(CLUSTER, 1, signing.getPublic(), now), shown)
                .sign(new Netmap(
                        CLUSTER,
                        1,
                        new Revision(revision),
                        1420,
                        List.of(),
                        List.of(),
                        null,
                        named.told(),
                        null,
                        null));
    }

    @Test
    void everyStepIsFollowedAndLastsOverARestart() throws IOException {
        guard(store).admit(netmap(1, old, known, known));
        assertEquals(known, store.authorities());
        guard(store).admit(netmap(2, next, used, used));
        assertEquals(used, store.authorities());
        String last = netmap(3, next, retired, retired);
        guard(store).admit(last);
        assertEquals(retired, store.authorities());
        guard(store).restore(store.netmap().orElseThrow());

        assertThrows(CryptoException.class, () -> guard(store).admit(netmap(4, old, before, retired)));
        assertThrows(CryptoException.class, () -> guard(store).admit(netmap(4, old, before, known)));
    }

    @Test
    void whoWasAwayFollowsWhileTheOldOneLeadsToTheNext() throws IOException {
        assertThrows(CryptoException.class, () -> guard(store).admit(netmap(3, next, retired, retired)));
        guard(store).admit(netmap(2, next, used, used));
        assertEquals(used, store.authorities());
        guard(store).admit(netmap(3, next, retired, retired));
        assertEquals(retired, store.authorities());
    }

    @Test
    void whatIsBelievedIsStoredAfterWhatWasSignedUnderIt() throws IOException {
        guard(store).admit(netmap(2, next, used, used));
        String last = netmap(3, next, retired, retired);
        Path inTheWay = store.folder().resolve("authorities.json.new").resolve("in the way");
        Files.createDirectories(inTheWay);
        assertThrows(IOException.class, () -> guard(store).admit(last));

        NetmapGuard restarted = guard(store);
        assertEquals(
                new Revision(3),
                restarted
                        .restore(store.netmap().orElseThrow())
                        .verified()
                        .netmap()
                        .revision());
        Files.delete(inTheWay);
        Files.delete(inTheWay.resolveSibling("").normalize());
        restarted.admit(last);
        assertEquals(retired, store.authorities());
    }

    @Test
    void keyThatSignsConfigurationsMakesNoAuthority() throws IOException {
        CertificateAuthority foreign = CertificateAuthority.create(CLUSTER, Keys.generateP256(), now);
        AuthorityCertificate own = new AuthorityCertificate(2, Certificates.encode(foreign.certificate()), null);

        guard(store).admit(netmap(1, old, before, Authorities.of(List.of(toldOld, own))));
        assertEquals(before, store.authorities());
        assertThrows(
                CryptoException.class, () -> guard(store).admit(netmap(2, old, before, Authorities.of(List.of(own)))));
    }

    @Test
    void configurationDoesNotRetireTheAuthorityOfItsSigner() {
        CryptoException refused =
                assertThrows(CryptoException.class, () -> guard(store).admit(netmap(1, old, before, retired)));
        assertTrue(String.valueOf(refused.getMessage()).contains("authorit"), refused.getMessage());
        assertThrows(CryptoException.class, () -> {
            store.believe(known);
            guard(store).admit(netmap(1, old, before, retired));
        });
    }

    @Test
    void managersAreLeftToTheirOwnState() throws IOException {
        NodeStore manager = joined(temp.resolve("manager"), Role.MGMT);
        guard(manager).admit(netmap(1, old, known, known));
        assertEquals(before, manager.authorities());
    }

    @Test
    void damagedFileIsSaid() throws IOException {
        Files.writeString(store.folder().resolve("authorities.json"), "[]");
        IOException refused = assertThrows(IOException.class, () -> store.authorities());
        assertTrue(String.valueOf(refused.getMessage()).contains("damaged"), refused.getMessage());
    }
}
