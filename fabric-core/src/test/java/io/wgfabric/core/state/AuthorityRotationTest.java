package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command.RaiseLevel;
import io.wgfabric.api.Command.RetireSigningKey;
import io.wgfabric.api.Command.RotateSigningKey;
import io.wgfabric.api.Command.UseSigningKey;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.TokenId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The authority is a signing key with more to it: what it certified changes with it. */
class AuthorityRotationTest {
    private static final Bytes SECRET = Bytes.of(new byte[] {1});
    private static final Bytes NEXT = Bytes.of(new byte[] {2});
    private static final Bytes CROSS = Bytes.of(new byte[] {3});
    private static final Bytes SIGNER = Bytes.of(new byte[] {4});

    private final Commands machine = Commands.bootstrapped("10.0.0.0/24");

    @BeforeEach
    void levelTwo() {
        machine.apply(SYSTEM, new RaiseLevel(2)).orThrow();
    }

    private static RotateSigningKey rotation(int generation) {
        return rotation(SigningKey.AUTHORITY, generation, CROSS, SIGNER);
    }

    private static RotateSigningKey rotation(
            SigningKey key, int generation, @Nullable Bytes cross, @Nullable Bytes signer) {
        return new RotateSigningKey(
                key, generation, 1, SECRET, NEXT, cross, signer, key == SigningKey.AUTHORITY ? 1 : 0);
    }

    private static UseSigningKey use(SigningKey key, int generation) {
        return new UseSigningKey(key, generation);
    }

    private static RetireSigningKey retire(SigningKey key, int generation) {
        return new RetireSigningKey(key, generation);
    }

    private Cluster cluster() {
        return Objects.requireNonNull(machine.state.cluster());
    }

    private @Nullable Bytes published(String name) {
        return machine.state.publicKeys().get(name);
    }

    @Test
    void whatSignsConfigurationsGoesOverWithTheStepAtWhichTheAuthorityIsUsed() {
        Bytes old = cluster().caCertificate();
        machine.apply(SYSTEM, rotation(2)).orThrow();
        assertEquals(NEXT, published("authority-key-2"));
        assertEquals(CROSS, published("authority-cross-2"));
        assertNotEquals(SIGNER, published("config-key"));

        machine.apply(SYSTEM, use(SigningKey.AUTHORITY, 2)).orThrow();
        assertEquals(SIGNER, published("config-key"));
        assertEquals(old, cluster().caCertificate());

        machine.apply(SYSTEM, retire(SigningKey.AUTHORITY, 1)).orThrow();
        assertEquals(NEXT, cluster().caCertificate());
        assertEquals("[config-key]", machine.state.publicKeys().keySet().toString());
        assertEquals("[authority-key-2]", machine.state.secrets().keySet().toString());
    }

    @Test
    void signerOfAnyGenerationGoesOver() {
        machine.apply(SYSTEM, rotation(SigningKey.CONFIG, 2, null, null)).orThrow();
        machine.apply(SYSTEM, use(SigningKey.CONFIG, 2)).orThrow();
        machine.apply(SYSTEM, retire(SigningKey.CONFIG, 1)).orThrow();
        RotateSigningKey late = rotation(2);
        assertEquals(Reason.SIGNING_KEY_OUTDATED, reasonOf(machine.apply(SYSTEM, late)), "it is for the key before");
        machine.apply(
                        SYSTEM,
                        new RotateSigningKey(
                                late.key(), 2, late.sealing(), late.secret(), late.publicKey(), CROSS, SIGNER, 2))
                .orThrow();
        machine.apply(SYSTEM, use(SigningKey.AUTHORITY, 2)).orThrow();

        assertEquals(SIGNER, published("config-key-2"));
    }

    @Test
    void keyForConfigurationsAndAuthorityAreNotRotatedAtOnce() {
        machine.apply(SYSTEM, rotation(2)).orThrow();
        RotateSigningKey config = rotation(SigningKey.CONFIG, 2, null, null);
        assertEquals(Reason.SIGNING_KEY_OUTDATED, reasonOf(machine.apply(SYSTEM, config)));
        machine.apply(SYSTEM, use(SigningKey.AUTHORITY, 2)).orThrow();
        assertEquals(Reason.SIGNING_KEY_OUTDATED, reasonOf(machine.apply(SYSTEM, config)));
        machine.apply(SYSTEM, retire(SigningKey.AUTHORITY, 1)).orThrow();
        machine.apply(SYSTEM, config).orThrow();
        assertEquals(Reason.SIGNING_KEY_OUTDATED, reasonOf(machine.apply(SYSTEM, rotation(3))));
        machine.apply(SYSTEM, rotation(SigningKey.TOKEN, 2, null, null)).orThrow();
    }

    @Test
    void tokensWithTheOldPinEndWithTheOldAuthority() {
        TokenId before = machine.token(1, Role.PEER, 2);
        machine.apply(SYSTEM, rotation(2)).orThrow();
        machine.apply(SYSTEM, use(SigningKey.AUTHORITY, 2)).orThrow();
        machine.now = machine.now.plusSeconds(1);
        TokenId after = machine.token(2, Role.PEER, 2);
        machine.join(before, 1).orThrow();

        machine.apply(SYSTEM, retire(SigningKey.AUTHORITY, 1)).orThrow();

        assertEquals(Reason.TOKEN_REVOKED, reasonOf(machine.join(before, 2)));
        machine.join(after, 3).orThrow();
    }

    @Test
    void anAuthorityAndNothingElseComesWithCertificates() {
        Bytes large = Bytes.of(new byte[8193]);
        for (RotateSigningKey wrong : new RotateSigningKey[] {
            rotation(SigningKey.AUTHORITY, 2, null, SIGNER),
            rotation(SigningKey.AUTHORITY, 2, CROSS, null),
            rotation(SigningKey.AUTHORITY, 2, large, SIGNER),
            rotation(SigningKey.AUTHORITY, 2, CROSS, large),
            rotation(SigningKey.AUTHORITY, 2, CROSS, Bytes.of(new byte[0])),
            rotation(SigningKey.TOKEN, 2, CROSS, null),
            rotation(SigningKey.CONFIG, 2, CROSS, SIGNER),
            rotation(SigningKey.TOKEN, 2, Bytes.of(new byte[0]), Bytes.of(new byte[0])),
        }) {
            assertEquals(Reason.INVALID, reasonOf(machine.apply(SYSTEM, wrong)));
        }
        assertEquals("[]", machine.state.publicKeys().keySet().toString());
    }

    @Test
    void authorityIsRotatedAgainAndAgain() {
        for (int generation = 2; generation < 5; generation++) {
            machine.apply(SYSTEM, rotation(generation)).orThrow();
            machine.apply(SYSTEM, use(SigningKey.AUTHORITY, generation)).orThrow();
            machine.apply(SYSTEM, retire(SigningKey.AUTHORITY, generation - 1)).orThrow();
        }
        assertEquals("[config-key]", machine.state.publicKeys().keySet().toString());
        assertEquals("[authority-key-4]", machine.state.secrets().keySet().toString());
    }
}
