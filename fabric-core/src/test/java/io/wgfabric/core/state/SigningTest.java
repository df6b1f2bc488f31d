package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.api.TokenId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A signing key is known before it is used, and the old one is believed until it is retired. */
class SigningTest {
    private static final Bytes ANY = Bytes.of(new byte[] {1});
    private static final Actor ADMIN =
            new Actor(Actor.Kind.OPERATOR, OperatorId.of(1).text(), "");

    private final Commands machine = Commands.bootstrapped("10.0.0.0/24");

    @BeforeEach
    void levelTwo() {
        machine.apply(SYSTEM, new Command.RaiseLevel(2)).orThrow();
    }

    private static Command.RotateSigningKey rotate(int generation) {
        return new Command.RotateSigningKey(SigningKey.TOKEN, generation, 1, ANY, ANY);
    }

    private static Command.UseSigningKey use(int generation) {
        return new Command.UseSigningKey(SigningKey.TOKEN, generation);
    }

    private static Command.RetireSigningKey retire(int generation) {
        return new Command.RetireSigningKey(SigningKey.TOKEN, generation);
    }

    private void expect(int oldest, int used, int newest) {
        SigningKeys keys = machine.state.signing().getOrDefault(SigningKey.TOKEN, SigningKeys.FIRST);
        assertEquals(new SigningKeys(oldest, used, newest, keys.since()), keys);
    }

    @Test
    void keyIsKnownThenUsedThenAlone() {
        machine.apply(ADMIN, rotate(2)).orThrow();
        expect(1, 1, 2);
        machine.apply(SYSTEM, use(2)).orThrow();
        expect(1, 2, 2);
        assertTrue(machine.state.secrets().containsKey("token-key-2"));
        machine.apply(SYSTEM, retire(1)).orThrow();
        expect(2, 2, 2);
        assertEquals("[token-key-2]", machine.state.publicKeys().keySet().toString());
        machine.apply(ADMIN, rotate(3)).orThrow();
        expect(2, 2, 3);
    }

    @Test
    void oldPrivateKeyIsForgottenOnceAnotherSigns() {
        machine.apply(ADMIN, rotate(2)).orThrow();
        machine.apply(SYSTEM, use(2)).orThrow();
        machine.apply(ADMIN, retire(1)).orThrow();
        machine.apply(ADMIN, rotate(3)).orThrow();
        machine.apply(SYSTEM, use(3)).orThrow();

        assertEquals("[token-key-3]", machine.state.secrets().keySet().toString());
    }

    @Test
    void tokensThatTheOldKeySignedEndWithIt() {
        TokenId before = machine.token(1, Role.PEER, 1);
        machine.apply(ADMIN, rotate(2)).orThrow();
        machine.apply(SYSTEM, use(2)).orThrow();
        machine.now = machine.now.plusSeconds(1);
        TokenId after = machine.token(2, Role.PEER, 1);

        machine.apply(ADMIN, retire(1)).orThrow();

        assertEquals(Reason.TOKEN_REVOKED, reasonOf(machine.join(before, 1)));
        machine.join(after, 2).orThrow();
    }

    @Test
    void noStepIsTakenTwiceOrOutOfTurn() {
        for (Command command : new Command[] {use(1), use(2), retire(1), rotate(1), rotate(3)}) {
            assertEquals(Reason.SIGNING_KEY_OUTDATED, reasonOf(machine.apply(SYSTEM, command)));
        }
        machine.apply(ADMIN, rotate(2)).orThrow();
        for (Command command : new Command[] {rotate(2), rotate(3), retire(1), use(1), use(3)}) {
            assertEquals(Reason.SIGNING_KEY_OUTDATED, reasonOf(machine.apply(SYSTEM, command)));
        }
        machine.apply(SYSTEM, use(2)).orThrow();
        for (Command command : new Command[] {rotate(3), use(2), retire(2)}) {
            assertEquals(Reason.SIGNING_KEY_OUTDATED, reasonOf(machine.apply(SYSTEM, command)));
        }
        expect(1, 2, 2);
    }

    @Test
    void secretSealedUnderAnOldKeyIsRefused() {
        Command command = new Command.RotateSigningKey(SigningKey.TOKEN, 2, 2, ANY, ANY);

        assertEquals(Reason.SEALING_OUTDATED, reasonOf(machine.apply(ADMIN, command)));
    }

    @Test
    void keysHaveABoundedSize() {
        for (Bytes wrong : new Bytes[] {Bytes.of(new byte[0]), Bytes.of(new byte[8193])}) {
            assertEquals(
                    Reason.INVALID,
                    reasonOf(machine.apply(ADMIN, new Command.RotateSigningKey(SigningKey.TOKEN, 2, 1, wrong, ANY))));
            assertEquals(
                    Reason.INVALID,
                    reasonOf(machine.apply(ADMIN, new Command.RotateSigningKey(SigningKey.TOKEN, 2, 1, ANY, wrong))));
        }
        assertFalse(machine.state.secrets().containsKey("token-key-2"));
    }

    @Test
    void rotationIsForAdminsAndItsMiddleForTheFabric() {
        Actor manager = new Actor(Actor.Kind.MANAGER, NodeId.of(1).text(), "");
        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(manager, rotate(2))));
        machine.apply(ADMIN, rotate(2)).orThrow();
        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(ADMIN, use(2))));
        machine.apply(SYSTEM, use(2)).orThrow();
        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(manager, retire(1))));
    }
}
