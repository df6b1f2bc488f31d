package io.wgfabric.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Command.RotateSigningKey;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.state.Commands;
import io.wgfabric.core.state.Levels;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When signing keys are used, and when the old ones go by themselves. */
class ConductorKeysTest {
    private static final Bytes ANY = Bytes.of(new byte[] {1});
    private static final Duration MOMENT = Duration.ofMillis(1);

    private Instant now = Commands.START;
    private final InstantSource clock = () -> now;
    private final InProcessLog log = new InProcessLog();
    private final ReplicatedFabric fabric = ReplicatedFabric.open(log, clock);
    private final Conductor conductor = new Conductor(fabric, log, new Presence(clock), clock);
    private int requests;

    private void submit(Command command) {
        fabric.submit(Commands.SYSTEM, new RequestId("r" + requests++), command)
                .toCompletableFuture()
                .join()
                .orThrow();
    }

    @BeforeEach
    void found() {
        submit(Commands.bootstrap("10.0.0.0/24"));
        submit(new Command.RaiseLevel(Levels.NEWEST));
    }

    @AfterEach
    void close() {
        fabric.close();
    }

    private void rotate(SigningKey key) {
        boolean authority = key == SigningKey.AUTHORITY;
        submit(new RotateSigningKey(
                key, 2, 1, ANY, ANY, authority ? ANY : null, authority ? ANY : null, authority ? 1 : 0));
    }

    private void expectAfter(Duration time, SigningKey key, int oldest, int used, int newest) {
        now = now.plus(time);
        conductor.tick();
        SigningKeys keys = fabric.view().signing(key);
        assertEquals(new SigningKeys(oldest, used, newest, keys.since()), keys);
    }

    @Test
    void everyKeyIsKnownForAMomentAndThenUsed() {
        for (SigningKey key : new SigningKey[] {SigningKey.TOKEN, SigningKey.AUTHORITY}) {
            rotate(key);
            expectAfter(Conductor.KEY_KNOWN.minus(MOMENT), key, 1, 1, 2);
            expectAfter(MOMENT, key, 1, 2, 2);
        }
    }

    @Test
    void oldKeyForConfigurationsGoesAfterAMinute() {
        rotate(SigningKey.CONFIG);
        expectAfter(Conductor.KEY_KNOWN, SigningKey.CONFIG, 1, 2, 2);
        expectAfter(Conductor.CONFIG_OVERLAP.minus(MOMENT), SigningKey.CONFIG, 1, 2, 2);
        expectAfter(MOMENT, SigningKey.CONFIG, 2, 2, 2);
    }

    @Test
    void oldAuthorityGoesWhenNoCertificateOfItCanBeRenewed() {
        rotate(SigningKey.AUTHORITY);
        expectAfter(Conductor.KEY_KNOWN, SigningKey.AUTHORITY, 1, 2, 2);
        assertEquals(Duration.ofDays(37), Conductor.AUTHORITY_OVERLAP);
        expectAfter(Conductor.AUTHORITY_OVERLAP.minus(MOMENT), SigningKey.AUTHORITY, 1, 2, 2);
        expectAfter(MOMENT, SigningKey.AUTHORITY, 2, 2, 2);
    }

    @Test
    void oldKeysOfTokensStayAsLongAsTheirTokensAdmit() {
        Duration life = Duration.ofDays(300);
        submit(new Command.CreateToken(TokenId.of(1), Role.PEER, null, life, 0, new TreeSet<>(), null, false));
        for (SigningKey key : new SigningKey[] {SigningKey.TOKEN, SigningKey.AUTHORITY}) {
            rotate(key);
        }
        now = now.plus(Conductor.KEY_KNOWN);
        conductor.tick();
        now = now.plus(Conductor.AUTHORITY_OVERLAP);
        expectAfter(Duration.ZERO, SigningKey.TOKEN, 1, 2, 2);
        expectAfter(Duration.ZERO, SigningKey.AUTHORITY, 1, 2, 2);
        expectAfter(life, SigningKey.TOKEN, 2, 2, 2);
        expectAfter(Duration.ZERO, SigningKey.AUTHORITY, 2, 2, 2);
    }
}
