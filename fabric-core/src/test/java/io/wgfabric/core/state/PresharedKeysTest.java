package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command.AdvanceRotation;
import io.wgfabric.api.Command.JoinNode;
import io.wgfabric.api.Command.PublishKey;
import io.wgfabric.api.Command.RaiseLevel;
import io.wgfabric.api.Command.RemoveNode;
import io.wgfabric.api.Command.RotateNodeKey;
import io.wgfabric.api.Command.SetPresharedKeys;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.PresharedKeys;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.StateView;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.netmap.Netmap;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The generations of pre-shared keys, and which keys carry them. */
class PresharedKeysTest {
    private static final Bytes SECRET = Bytes.of(new byte[61]);

    private final Commands commands = Commands.bootstrapped("10.0.0.0/24");
    private TokenId token = TokenId.of(1);
    private long keys = 5_000;

    @BeforeEach
    void onePeer() {
        commands.apply(SYSTEM, new RaiseLevel(Levels.NEWEST)).orThrow();
        token = commands.token(1, Role.PEER, 0);
        commands.join(token, 1).orThrow();
    }

    private Outcome on(int generation) {
        return commands.apply(SYSTEM, new SetPresharedKeys(generation, 1, SECRET));
    }

    private Outcome off(int generation) {
        return commands.apply(SYSTEM, new SetPresharedKeys(generation, 0, null));
    }

    private PresharedKeys now() {
        return Objects.requireNonNull(commands.state.cluster()).presharedKeys();
    }

    private void publish(long node, Plane plane) {
        Actor itself = new Actor(Actor.Kind.PEER, NodeId.of(node).text(), "");
        commands.apply(itself, new PublishKey(NodeId.of(node), plane, Commands.key(keys++)))
                .orThrow();
    }

    private void rotate(long node) {
        commands.apply(SYSTEM, new RotateNodeKey(NodeId.of(node))).orThrow();
        publish(node, Plane.SPARE);
        advance(node, Rotation.Phase.MOVE_OUT);
        publish(node, Plane.MAIN);
        advance(node, Rotation.Phase.MOVE_BACK);
    }

    private void advance(long node, Rotation.Phase from) {
        commands.apply(SYSTEM, new AdvanceRotation(NodeId.of(node), from, false))
                .orThrow();
    }

    private List<Integer> generations(long node) {
        NodeKeys of = commands.node(node).keys();
        return List.of(of.generation(Plane.MAIN), of.generation(Plane.SPARE));
    }

    private List<String> secrets() {
        return List.copyOf(commands.state.secrets().keySet());
    }

    @Test
    void keysCarryTheGenerationOfTheTimeWhenTheyArePublished() {
        assertEquals(PresharedKeys.NEVER, now());
        on(1).orThrow();
        commands.join(token, 2).orThrow();
        assertEquals(List.of(0, 0), generations(1));
        assertEquals(List.of(1, 1), generations(2));

        commands.apply(SYSTEM, new RotateNodeKey(NodeId.of(1))).orThrow();
        publish(1, Plane.SPARE);
        assertEquals(List.of(0, 1), generations(1));
        off(1).orThrow();
        advance(1, Rotation.Phase.MOVE_OUT);
        publish(1, Plane.MAIN);
        assertEquals(List.of(0, 1), generations(1));
        assertEquals(new PresharedKeys(1, false), now());
    }

    @Test
    void aSecretIsKeptAsLongAsAKeyNeedsIt() {
        on(1).orThrow();
        rotate(1);
        off(1).orThrow();
        assertEquals(List.of("preshared-key-1"), secrets());
        on(2).orThrow();
        assertEquals(List.of("preshared-key-1", "preshared-key-2"), secrets());
        rotate(1);
        assertEquals(List.of(2, 2), generations(1));
        assertEquals(List.of("preshared-key-2"), secrets());
        off(2).orThrow();
        commands.apply(SYSTEM, new RemoveNode(NodeId.of(1), "gone")).orThrow();
        assertEquals(List.of(), secrets());
        on(3).orThrow();
        assertEquals(List.of("preshared-key-3"), secrets());
        off(3).orThrow();
        assertEquals(List.of(), secrets());
    }

    @Test
    void whatIsSoAlreadyChangesNothing() {
        off(0).orThrow();
        assertEquals(PresharedKeys.NEVER, now());
        on(1).orThrow();
        on(2).orThrow();
        assertEquals(new PresharedKeys(1, true), now());
        assertEquals(List.of("preshared-key-1"), secrets());
    }

    @Test
    void whatIsOutdatedOrUnsoundIsRefused() {
        assertEquals(Reason.SEALING_OUTDATED, reasonOf(on(2)));
        assertEquals(Reason.SEALING_OUTDATED, reasonOf(commands.apply(SYSTEM, new SetPresharedKeys(1, 2, SECRET))));
        assertEquals(
                Reason.INVALID, reasonOf(commands.apply(SYSTEM, new SetPresharedKeys(1, 1, Bytes.of(new byte[8193])))));
        on(1).orThrow();
        assertEquals(Reason.SEALING_OUTDATED, reasonOf(off(2)));
        assertEquals(new PresharedKeys(1, true), now());
    }

    @Test
    void anAdminAloneMaySwitch() {
        for (Actor.Kind kind : List.of(Actor.Kind.PEER, Actor.Kind.MANAGER, Actor.Kind.TOKEN)) {
            Actor actor = new Actor(kind, NodeId.of(1).text(), "");
            assertEquals(Reason.NOT_ALLOWED, reasonOf(commands.apply(actor, new SetPresharedKeys(1, 1, SECRET))));
        }
    }

    /** A node says its keys, never their generation. */
    @Test
    void whatAJoiningNodeSaysOfGenerationsIsIgnored() {
        var join = Commands.joinNode(token, 7, Role.PEER);
        assertEquals(join.keys(), Commands.keys(7).of(0));
        assertEquals(
                join,
                new JoinNode(
                        join.token(),
                        join.node(),
                        join.role(),
                        join.name(),
                        Commands.keys(7).of(9),
                        join.endpoints(),
                        join.services()));
    }

    @Test
    void nothingIsSaidOfGenerationsWhereThereAreNone() {
        String before = Json.mapper().writeValueAsString(netmap());
        assertFalse(before.contains("eneration"), before);
        on(1).orThrow();
        rotate(1);
        String after = Json.mapper().writeValueAsString(netmap());
        assertTrue(after.contains("\"mainGeneration\":1,\"spareGeneration\":1"), after);
        assertEquals(commands.state, Codec.decodeState(Codec.encode(commands.state)));
    }

    private Netmap netmap() {
        return Netmap.of(new StateView(commands.state)).orElseThrow();
    }
}
