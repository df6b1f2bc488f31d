package io.wgfabric.core.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Cluster;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.state.AuditChain;
import io.wgfabric.core.state.Commands;
import io.wgfabric.core.state.State;
import io.wgfabric.core.state.States;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupTest {
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

    private final Sealer sealer = new Sealer(Sealer.generateKey());
    private final State state = state();
    private final byte[] file = Backup.seal(state, sealer, NOW);

    private static State state() {
        Commands commands = Commands.bootstrapped("10.0.0.0/24");
        TokenId token = commands.token(1, Role.PEER, 0);
        commands.join(token, 1).orThrow();
        commands.join(token, 2).orThrow();
        return commands.state;
    }

    private String refusal(byte[] bytes) {
        BackupException refused =
                assertThrows(BackupException.class, () -> Backup.parse(bytes).open(sealer));
        String message = String.valueOf(refused.getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @Test
    void whatIsRestoredIsWhatWasBackedUp() {
        Backup backup = Backup.parse(file);

        assertEquals(state, backup.open(sealer));
        assertEquals(Codec.digest(state), backup.header().digest());
        assertEquals(state.revision(), backup.header().revision());
        assertEquals(1, backup.header().epoch());
        assertEquals(NOW, backup.header().taken());
    }

    @Test
    void stateIsNotInClear() {
        String text = new String(file, StandardCharsets.ISO_8859_1);

        assertTrue(text.startsWith("WGFBACKUP"));
        assertFalse(text.contains("node1"));
        assertFalse(text.contains("auditLast"));
    }

    @Test
    void keyOfAnotherClusterIsNamedAsSuch() {
        Sealer other = new Sealer(Sealer.generateKey());

        BackupException refused =
                assertThrows(BackupException.class, () -> Backup.parse(file).open(other));

        assertTrue(String.valueOf(refused.getMessage()).contains(sealer.fingerprint()));
        assertNotEquals(sealer.fingerprint(), other.fingerprint());
    }

    /** Wherever one bit is turned, of the header or of the rest, nothing is restored. */
    @Test
    void anyAlteredByteIsRefused() {
        for (int at = 0; at < file.length; at += at < 400 ? 1 : 97) {
            byte[] altered = file.clone();
            altered[at] ^= 1;
            String message = refusal(altered);
            assertFalse(message.contains("null"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 9, 10, 13, 100, 2_000})
    void cutOffBackupIsRefused(int length) {
        String message = refusal(Arrays.copyOf(file, length));

        assertTrue(message.contains(length < 10 ? "no backup" : "cut off"), message);
    }

    @Test
    void moreThanABackupIsRefused() {
        assertTrue(refusal(Arrays.copyOf(file, file.length + 1)).contains("too many"));
    }

    @Test
    void newerVersionIsRefused() {
        byte[] newer = file.clone();
        newer[9] = 2;

        assertTrue(refusal(newer).contains("version 2"));
    }

    @Test
    void brokenAuditChainIsRefused() {
        AuditChain audit = state.audit();
        AuditChain gap = new AuditChain(audit.entries().minus(2L), audit.count(), audit.last());
        State broken = States.with(state, Objects.requireNonNull(state.cluster()), gap);

        assertTrue(refusal(Backup.seal(broken, sealer, NOW)).contains("audit chain"));
    }

    @Test
    void clusterOfAHigherLevelIsRefused() {
        Cluster c = Objects.requireNonNull(state.cluster());
        Cluster ahead = new Cluster(c.id(), c.epoch(), 99, c.pools(), c.caCertificate(), c.created());

        assertTrue(refusal(Backup.seal(States.with(state, ahead, state.audit()), sealer, NOW))
                .contains("level 99"));
    }

    @Test
    void derivedKeysDiffer() {
        byte[] secret = {1, 2, 3};
        Sealer one = sealer.derived("one");

        assertArrayEquals(secret, sealer.derived("one").open("x", one.seal("x", secret)));
        assertThrows(RuntimeException.class, () -> sealer.derived("two").open("x", one.seal("x", secret)));
        assertThrows(RuntimeException.class, () -> sealer.open("x", one.seal("x", secret)));
    }
}
