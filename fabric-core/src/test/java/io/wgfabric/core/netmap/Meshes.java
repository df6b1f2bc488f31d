package io.wgfabric.core.netmap;

import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.Netmap.Member;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Configurations, and who signs them. */
public final class Meshes {
    static final ClusterId CLUSTER = ClusterId.of(7);
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456789Z");
    static final CertificateAuthority AUTHORITY = CertificateAuthority.create(CLUSTER, Keys.generateP256(), NOW);
    public static final NetmapSigner SIGNER = signer(CLUSTER, 1, AUTHORITY);

    private Meshes() {}

    static NetmapSigner signer(ClusterId cluster, int generation, CertificateAuthority authority) {
        KeyPair pair = Keys.generateEd25519();
        return new NetmapSigner(
                pair.getPrivate(),
                authority.issueConfigSigner(cluster, generation, pair.getPublic(), NOW),
                authority.certificate());
    }

    static NetmapVerifier verifier() {
        return new NetmapVerifier(CLUSTER, () -> Authorities.of(AUTHORITY.certificate()), () -> NOW);
    }

    /** @param version makes one that differs */
    static Member member(int number, int version) {
        return new Member(
                NodeId.of(number),
                new NodeName("peer-" + number),
                Role.PEER,
                List.of(
                        Address.parse("100.64." + number / 250 + "." + (1 + number % 250)),
                        Address.parse("fd77:1::" + (1 + number))),
                new NodeKeys(key(number, version, 1), key(number, version, 2)),
                new NodeEndpoints(List.of(Address.parse("192.0.2.17")), 51820, 51821),
                Instant.parse("2026-03-01T12:00:00.123Z"),
                null,
                null);
    }

    private static PublicKey key(int number, int version, int plane) {
        byte[] bytes = new byte[PublicKey.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (31 * number + 7 * version + plane * 101 + i * 13);
        }
        return PublicKey.of(bytes);
    }

    static Netmap netmap(long revision, Stream<Member> members) {
        return new Netmap(
                CLUSTER,
                1,
                new Revision(revision),
                Netmap.DEFAULT_MTU,
                List.of(Prefix.parse("100.64.0.0/16"), Prefix.parse("fd77:1::/48")),
                members.sorted(Comparator.comparing(Member::id)).toList());
    }

    /** Of so many members. */
    static Netmap mesh(long revision, int members) {
        return netmap(revision, IntStream.range(0, members).mapToObj(number -> member(number, 0)));
    }
}
