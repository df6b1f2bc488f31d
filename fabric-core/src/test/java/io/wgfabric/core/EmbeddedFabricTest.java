package io.wgfabric.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The library as an application uses it: tokens, joins, signed configuration, rotation, in one process. */
class EmbeddedFabricTest {
    private static final Actor APPLICATION = Actor.application("test");

    private final EmbeddedFabric fabric =
            EmbeddedFabric.inMemory(List.of(Prefix.parse("10.20.0.0/24"), Prefix.parse("fd00:1::/64")));
    private int requests;

    @AfterEach
    void close() {
        fabric.close();
    }

    private TokenDesk.Issued token(int uses) {
        return fabric.tokens()
                .issue(
                        APPLICATION,
                        new RequestId("token" + requests++),
                        new TokenDesk.Wish(Role.PEER, Duration.ofHours(1), uses, new TreeSet<>(), null, false))
                .toCompletableFuture()
                .join();
    }

    private JoinAnswer join(JoinRequest request) {
        return fabric.admission()
                .join(request, "192.0.2.1")
                .toCompletableFuture()
                .join();
    }

    private static JoinRequest request(String token, String name, String id) {
        return new JoinRequest(
                new RequestId(id),
                token,
                Role.PEER,
                new NodeName(name),
                new NodeKeys(randomKey(), randomKey()),
                new NodeEndpoints(List.of(), 51820, 51821),
                null,
                Certificates.request(Keys.generateP256()));
    }

    private static PublicKey randomKey() {
        byte[] bytes = new byte[PublicKey.BYTES];
        new SecureRandom().nextBytes(bytes);
        return PublicKey.of(bytes);
    }

    private NetmapVerifier verifier() {
        return new NetmapVerifier(fabric.keyring().cluster(), fabric.keyring()::authorities, InstantSource.system());
    }

    @Test
    void aNodeThatJoinsGetsAConfigurationThatItCanVerify() {
        JoinAnswer answer = join(request(token(1).text(), "a", "j1"));
        Netmap netmap = verifier().verify(Objects.requireNonNull(answer.netmap()));
        assertEquals(
                answer.node().addresses(),
                netmap.member(answer.node().id()).orElseThrow().addresses());
        assertEquals(2, answer.node().addresses().size());
    }

    @Test
    void aRepeatedJoinGetsTheSameNodeAndTakesNoSecondUse() {
        JoinRequest request = request(token(1).text(), "a", "j1");
        assertEquals(join(request).node(), join(request).node());
    }

    @Test
    void aBadCertificateRequestTakesNoUse() {
        TokenDesk.Issued token = token(1);
        JoinRequest good = request(token.text(), "a", "j1");
        JoinRequest bad = new JoinRequest(
                good.request(),
                good.token(),
                good.role(),
                good.name(),
                good.keys(),
                good.endpoints(),
                null,
                Bytes.of(new byte[] {1}));
        CompletionException thrown = assertThrows(CompletionException.class, () -> join(bad));
        assertEquals(
                Reason.INVALID,
                assertInstanceOf(RejectedException.class, thrown.getCause())
                        .rejection()
                        .reason());
        assertEquals(
                0,
                fabric.fabric().view().token(token.token().id()).orElseThrow().used());
    }

    @Test
    void anAlteredOrForeignConfigurationIsNotBelieved() {
        String netmap =
                Objects.requireNonNull(join(request(token(1).text(), "a", "j1")).netmap());
        int middle = netmap.indexOf('.') + 20;
        String altered =
                netmap.substring(0, middle) + (netmap.charAt(middle) == 'A' ? 'B' : 'A') + netmap.substring(middle + 1);
        assertThrows(CryptoException.class, () -> verifier().verify(altered));
        try (EmbeddedFabric other = EmbeddedFabric.inMemory(List.of(Prefix.parse("10.20.0.0/24")))) {
            String foreign = other.netmaps().signed(other.fabric().view()).orElseThrow();
            assertThrows(CryptoException.class, () -> verifier().verify(foreign));
        }
    }

    @Test
    void aTokenMakesNoNewConfiguration() {
        String before = fabric.netmaps().signed(fabric.fabric().view()).orElseThrow();
        token(1);
        assertEquals(before, fabric.netmaps().signed(fabric.fabric().view()).orElseThrow());
    }

    @Test
    void secretsInTheStateAreSealed() {
        String state = new String(Codec.encode(((StateView) fabric.fabric().view()).state()), StandardCharsets.UTF_8);
        assertTrue(state.contains("authority-key"));
        // Every PKCS #8 key begins with these bytes of DER, in Base64.
        assertFalse(state.contains("MIGHAgEA") || state.contains("MC4CAQAw") || state.contains("MEECAQAw"), state);
    }

    @Test
    void twoFabricsShareNoKey() {
        try (EmbeddedFabric other = EmbeddedFabric.inMemory(List.of(Prefix.parse("10.20.0.0/24")))) {
            assertFalse(other.keyring().pin().equals(fabric.keyring().pin()));
            assertFalse(other.keyring().cluster().equals(fabric.keyring().cluster()));
        }
    }

    @Test
    void theConductorTakesARotationThroughItsPhases() {
        Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
        InstantSource clock = () -> now[0];
        Presence presence = new Presence(clock);
        Conductor conductor = new Conductor(fabric.fabric(), log(), presence, clock);
        JoinAnswer a = join(request(token(0).text(), "a", "j1"));
        JoinAnswer b = join(request(token(0).text(), "b", "j2"));
        submit(new Command.RotateNodeKey(a.node().id()));
        publish(a, Plane.SPARE);
        assertEquals(Rotation.Phase.MOVE_OUT, phase(a));

        presence.heard(a.node().id(), settledAt(fabric.fabric().view().revision()));
        conductor.tick();
        now[0] = now[0].plus(Conductor.LINGER);
        conductor.tick();
        assertEquals(Rotation.Phase.MOVE_OUT, phase(a), "one node has not moved its pairs yet");

        settle(presence, conductor, now, a, b);
        assertEquals(Rotation.Phase.REKEY_MAIN, phase(a));
        publish(a, Plane.MAIN);
        settle(presence, conductor, now, a, b);
        assertTrue(fabric.fabric().view().node(a.node().id()).orElseThrow().rotation() == null);
    }

    @Test
    void theConductorDoesNotWaitForWhoIsOffline() {
        Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
        InstantSource clock = () -> now[0];
        Presence presence = new Presence(clock);
        Conductor conductor = new Conductor(fabric.fabric(), log(), presence, clock);
        JoinAnswer a = join(request(token(0).text(), "a", "j1"));
        join(request(token(0).text(), "b", "j2"));
        submit(new Command.RotateNodeKey(a.node().id()));
        publish(a, Plane.SPARE);
        settle(presence, conductor, now, a);
        assertEquals(Rotation.Phase.MOVE_OUT, phase(a), "who was not heard of may still be there");
        now[0] = now[0].plus(Presence.OFFLINE_AFTER);
        settle(presence, conductor, now, a);
        assertEquals(Rotation.Phase.REKEY_MAIN, phase(a));
    }

    /** The pair of the two cannot move while one of them is away; all the others are not to wait for it. */
    @Test
    void theConductorDoesNotWaitForThePairsOfWhoIsOffline() {
        Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
        Presence presence = new Presence(() -> now[0]);
        Conductor conductor = new Conductor(fabric.fabric(), log(), presence, () -> now[0]);
        JoinAnswer a = join(request(token(0).text(), "a", "j1"));
        JoinAnswer b = join(request(token(0).text(), "b", "j2"));
        presence.heard(b.node().id(), settledAt(Revision.ZERO));
        submit(new Command.RotateNodeKey(a.node().id()));
        publish(a, Plane.SPARE);
        Revision moving = fabric.fabric().view().revision();
        Heartbeat waits = new Heartbeat(
                1,
                moving,
                Revision.ZERO,
                "test",
                "test",
                0,
                null,
                null,
                null,
                null,
                List.of(b.node().id()),
                null);
        hear(presence, conductor, now, a, waits);
        assertEquals(Rotation.Phase.MOVE_OUT, phase(a), "it is only just away");
        now[0] = now[0].plus(Presence.OFFLINE_AFTER);
        hear(presence, conductor, now, a, waits);
        assertEquals(Rotation.Phase.REKEY_MAIN, phase(a));
    }

    private static void hear(
            Presence presence, Conductor conductor, Instant[] now, JoinAnswer node, Heartbeat heartbeat) {
        presence.heard(node.node().id(), heartbeat);
        conductor.tick();
        now[0] = now[0].plus(Conductor.LINGER);
        conductor.tick();
    }

    @Test
    void theConductorGivesUpTheRotationOfANodeThatIsGone() {
        Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
        InstantSource clock = () -> now[0];
        Presence presence = new Presence(clock);
        Conductor conductor = new Conductor(fabric.fabric(), log(), presence, clock);
        JoinAnswer a = join(request(token(0).text(), "a", "j1"));
        submit(new Command.RotateNodeKey(a.node().id()));
        conductor.tick();
        now[0] = now[0].plus(Presence.OFFLINE_AFTER);
        conductor.tick();
        assertTrue(fabric.fabric().view().node(a.node().id()).orElseThrow().rotation() == null);
    }

    @Test
    void theConductorGivesUpAPhaseThatTakesTooLong() {
        Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
        InstantSource clock = () -> now[0];
        Presence presence = new Presence(clock);
        Conductor conductor = new Conductor(fabric.fabric(), log(), presence, clock);
        JoinAnswer a = join(request(token(0).text(), "a", "j1"));
        submit(new Command.RotateNodeKey(a.node().id()));
        conductor.tick();
        now[0] = now[0].plus(Conductor.PHASE_LIMIT);
        presence.heard(a.node().id(), settledAt(Revision.ZERO));
        conductor.tick();
        assertTrue(fabric.fabric().view().node(a.node().id()).orElseThrow().rotation() == null);
    }

    @Test
    void theConductorRemovesAnEphemeralNodeThatHasGone() {
        Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
        InstantSource clock = () -> now[0];
        Presence presence = new Presence(clock);
        Conductor conductor = new Conductor(fabric.fabric(), log(), presence, clock);
        TokenDesk.Issued token = fabric.tokens()
                .issue(
                        APPLICATION,
                        new RequestId("ephemeral"),
                        new TokenDesk.Wish(Role.PEER, Duration.ofHours(1), 0, new TreeSet<>(), null, true))
                .toCompletableFuture()
                .join();
        JoinAnswer stays = join(request(token.text(), "stays", "j1"));
        JoinAnswer goes = join(request(token.text(), "goes", "j2"));
        conductor.tick();
        now[0] = now[0].plus(Limits.EPHEMERAL_GRACE).minusMillis(1);
        presence.heard(stays.node().id(), settledAt(Revision.ZERO));
        conductor.tick();
        assertTrue(fabric.fabric().view().node(goes.node().id()).isPresent());
        now[0] = now[0].plusMillis(1);
        conductor.tick();
        assertTrue(fabric.fabric().view().node(goes.node().id()).isEmpty());
        assertTrue(fabric.fabric().view().node(stays.node().id()).isPresent());
    }

    private Log log() {
        return ((ReplicatedFabric) fabric.fabric()).log();
    }

    private Rotation.Phase phase(JoinAnswer node) {
        FabricView view = fabric.fabric().view();
        Rotation rotation = view.node(node.node().id()).orElseThrow().rotation();
        if (rotation == null) {
            throw new AssertionError("the rotation is over");
        }
        return rotation.phase();
    }

    private void settle(Presence presence, Conductor conductor, Instant[] now, JoinAnswer... nodes) {
        for (JoinAnswer node : nodes) {
            presence.heard(node.node().id(), settledAt(fabric.fabric().view().revision()));
        }
        conductor.tick();
        now[0] = now[0].plus(Conductor.LINGER);
        conductor.tick();
    }

    private static Heartbeat settledAt(Revision revision) {
        return new Heartbeat(1, revision, revision, "test", "test", 0);
    }

    private void publish(JoinAnswer node, Plane plane) {
        submit(new Command.PublishKey(node.node().id(), plane, randomKey()));
    }

    private void submit(Command command) {
        fabric.fabric()
                .submit(Actor.system("test"), new RequestId("s" + requests++), command)
                .toCompletableFuture()
                .join()
                .orThrow();
    }
}
