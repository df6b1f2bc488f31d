package io.wgfabric.core.fuzz;

import static org.junit.jupiter.api.Assertions.fail;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.Replay;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.JoinToken;
import io.wgfabric.core.crypto.JoinTokens;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.Pin;
import io.wgfabric.core.netmap.DigestedNetmap;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapDelta;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.state.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What was signed once with keys that nobody kept, so that a seed damages the same bytes on every run. {@code
 * -Dfuzz.corpus.write=true} writes another one, where the forms have changed.
 *
 * @param tokenKey SubjectPublicKeyInfo of who signed the token
 * @param delta leads from the netmap to one in which a node was released and another one is gone
 */
record Corpus(
        Bytes token,
        Bytes tokenKey,
        Bytes request,
        Bytes certificate,
        Bytes signerCertificate,
        Bytes authority,
        Bytes netmap,
        Bytes delta) {
    /** When all of it was made. */
    static final Instant TIME = Commands.START;

    static final ClusterId CLUSTER = ClusterId.of(1);

    private static final Path FILE = Path.of("src/test/resources/fuzz/corpus.json");

    static Corpus read() {
        try {
            if (Boolean.getBoolean("fuzz.corpus.write")) {
                Files.createDirectories(FILE.getParent());
                Files.writeString(FILE, Json.mapper().writeValueAsString(make()) + "\n");
                fail(FILE + " was written; commit it, and run again without -Dfuzz.corpus.write");
            }
            return Json.mapper().readValue(Files.readAllBytes(FILE), Corpus.class);
        } catch (IOException e) {
            throw new AssertionError(FILE + " cannot be read; write it with -Dfuzz.corpus.write=true", e);
        }
    }

    private static Corpus make() {
        KeyPair authorityPair = Keys.generateP256();
        KeyPair tokenPair = Keys.generateEd25519();
        KeyPair configPair = Keys.generateEd25519();
        KeyPair nodePair = Keys.generateP256();
        CertificateAuthority authority = CertificateAuthority.create(CLUSTER, authorityPair, TIME);
        JoinToken token = new JoinToken(
                CLUSTER,
                TokenId.of(5),
                Role.PEER,
                TIME,
                TIME.plus(Duration.ofHours(1)),
                Pin.of(authority.certificate()),
                List.of("m1.example.net:7443", "192.0.2.1:7443"));
        String signed = new JoinTokens(CLUSTER, tokenPair.getPrivate(), tokenPair.getPublic()).sign(token);
        var signer = authority.issueConfigSigner(CLUSTER, 1, configPair.getPublic(), TIME);
        NetmapSigner netmaps = new NetmapSigner(configPair.getPrivate(), signer, authority.certificate());
        Netmap netmap = Netmap.of(Replay.of(Targets.state())).orElseThrow();
        Netmap later = Netmap.of(Replay.of(Targets.later())).orElseThrow();
        NetmapDelta delta = NetmapDelta.between(DigestedNetmap.of(netmap), DigestedNetmap.of(later));
        return new Corpus(
                ascii(signed),
                Bytes.of(tokenPair.getPublic().getEncoded()),
                Certificates.request(nodePair),
                Certificates.encode(authority.issueNode(
                        nodePair.getPublic(), new NodeIdentity(CLUSTER, Role.PEER, NodeId.of(9)), TIME)),
                Certificates.encode(signer),
                Certificates.encode(authority.certificate()),
                ascii(netmaps.sign(netmap)),
                ascii(netmaps.sign(delta).line()));
    }

    private static Bytes ascii(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.US_ASCII));
    }
}
