package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Command;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import org.junit.jupiter.api.Test;

class TokenTest {
    private final Commands commands = Commands.bootstrapped("10.0.0.0/24", "fd00::/64");

    @Test
    void aSingleUseAdmitsOneNode() {
        TokenId token = commands.token(1, Role.PEER, 1);
        assertInstanceOf(Outcome.Accepted.class, commands.join(token, 1));
        assertEquals(Reason.TOKEN_USED_UP, reasonOf(commands.join(token, 2)));
        assertEquals(1, commands.state.nodes().size());
    }

    @Test
    void anUnlimitedTokenAdmitsMany() {
        TokenId token = commands.token(1, Role.PEER, 0);
        for (long i = 1; i <= 20; i++) {
            commands.join(token, i).orThrow();
        }
        assertEquals(20, commands.token(token).used());
        assertEquals(20, commands.token(token).nodes().size());
    }

    @Test
    void anExpiredTokenIsRefusedThoughUsesAreLeft() {
        TokenId token = commands.token(1, Role.PEER, 0);
        commands.now = commands.now.plusSeconds(3600);
        assertEquals(Reason.TOKEN_EXPIRED, reasonOf(commands.join(token, 1)));
    }

    @Test
    void timeNeverGoesBackSoAnExpiredTokenStaysExpired() {
        TokenId token = commands.token(1, Role.PEER, 0);
        commands.now = commands.now.plusSeconds(3600);
        assertEquals(Reason.TOKEN_EXPIRED, reasonOf(commands.join(token, 1)));
        commands.now = Commands.START;
        assertEquals(Reason.TOKEN_EXPIRED, reasonOf(commands.join(token, 2)));
    }

    @Test
    void aRevokedTokenIsRefused() {
        TokenId token = commands.token(1, Role.PEER, 5);
        commands.apply(SYSTEM, new Command.RevokeToken(token, false)).orThrow();
        assertEquals(Reason.TOKEN_REVOKED, reasonOf(commands.join(token, 1)));
    }

    @Test
    void aTokenForPeersAdmitsNoManager() {
        TokenId token = commands.token(1, Role.PEER, 5);
        assertEquals(Reason.TOKEN_WRONG_ROLE, reasonOf(commands.join(token, 1, Role.MGMT)));
    }

    @Test
    void anUnknownTokenIsRefused() {
        assertEquals(Reason.TOKEN_UNKNOWN, reasonOf(commands.join(TokenId.of(9), 1)));
    }

    @Test
    void aTokenThatIsNotYetValidIsRefused() {
        Command.CreateToken wish = commands.createToken(1, Role.PEER, 1);
        commands.apply(
                        SYSTEM,
                        new Command.CreateToken(
                                wish.token(),
                                wish.role(),
                                commands.now.plusSeconds(60),
                                wish.ttl(),
                                1,
                                wish.tags(),
                                null,
                                false))
                .orThrow();
        assertEquals(Reason.TOKEN_NOT_YET_VALID, reasonOf(commands.join(wish.token(), 1)));
    }

    @Test
    void aTokenAdmitsOnlyByItself() {
        TokenId token = commands.token(1, Role.PEER, 1);
        commands.token(2, Role.PEER, 1);
        Outcome outcome = commands.apply(
                new Actor(Actor.Kind.TOKEN, TokenId.of(2).text(), ""), Commands.joinNode(token, 1, Role.PEER));
        assertEquals(Reason.NOT_ALLOWED, reasonOf(outcome));
    }

    @Test
    void aRepeatedJoinGetsTheFirstAnswerAndTakesNoSecondUse() {
        TokenId token = commands.token(1, Role.PEER, 2);
        Actor actor = new Actor(Actor.Kind.TOKEN, token.text(), "192.0.2.1");
        RequestId request = new RequestId("once");
        Outcome first = commands.apply(actor, request, Commands.joinNode(token, 1, Role.PEER));
        Outcome second = commands.apply(actor, request, Commands.joinNode(token, 1, Role.PEER));
        assertEquals(first, second);
        assertEquals(1, commands.token(token).used());
    }

    @Test
    void aRequestIdOfAnotherRequestIsRefused() {
        TokenId token = commands.token(1, Role.PEER, 2);
        Actor actor = new Actor(Actor.Kind.TOKEN, token.text(), "192.0.2.1");
        RequestId request = new RequestId("once");
        commands.apply(actor, request, Commands.joinNode(token, 1, Role.PEER)).orThrow();
        Outcome second = commands.apply(actor, request, Commands.joinNode(token, 2, Role.PEER));
        assertEquals(Reason.REQUEST_ID_REUSED, reasonOf(second));
    }

    @Test
    void aRefusedJoinChangesNothing() {
        TokenId token = commands.token(1, Role.PEER, 5);
        commands.join(token, 1).orThrow();
        State before = commands.state;
        Outcome outcome = commands.apply(
                new Actor(Actor.Kind.TOKEN, token.text(), ""),
                new Command.JoinNode(
                        token,
                        NodeId.of(2),
                        Role.PEER,
                        before.find(NodeId.of(1)).orElseThrow().name(),
                        Commands.keys(2),
                        before.find(NodeId.of(1)).orElseThrow().endpoints(),
                        null));
        assertEquals(Reason.NAME_TAKEN, reasonOf(outcome));
        assertEquals(before.nodes(), commands.state.nodes());
        assertEquals(before.tokens(), commands.state.tokens());
        assertEquals(before.addresses(), commands.state.addresses());
    }

    @Test
    void aKeyOfAnotherNodeIsRefused() {
        TokenId token = commands.token(1, Role.PEER, 5);
        commands.join(token, 1).orThrow();
        Command.JoinNode join = Commands.joinNode(token, 2, Role.PEER);
        Outcome outcome = commands.apply(
                new Actor(Actor.Kind.TOKEN, token.text(), ""),
                new Command.JoinNode(
                        token, NodeId.of(2), Role.PEER, join.name(), Commands.keys(1), join.endpoints(), null));
        assertEquals(Reason.KEY_TAKEN, reasonOf(outcome));
    }

    @Test
    void revokingWithCascadeQuarantinesWhoJoinedWithIt() {
        TokenId token = commands.token(1, Role.PEER, 5);
        TokenId other = commands.token(2, Role.PEER, 5);
        commands.join(token, 1).orThrow();
        commands.join(token, 2).orThrow();
        commands.join(other, 3).orThrow();
        commands.apply(SYSTEM, new Command.RevokeToken(token, true)).orThrow();
        assertFalse(commands.node(1).isActive());
        assertFalse(commands.node(2).isActive());
        assertTrue(commands.node(3).isActive());
    }

    @Test
    void aTokenWithAFixedAddressGivesJustThat() {
        Address wanted = Address.parse("10.0.0.77");
        commands.apply(SYSTEM, commands.createTokenFor(1, wanted)).orThrow();
        commands.join(TokenId.of(1), 1).orThrow();
        assertEquals(wanted, commands.node(1).addresses().get(0));
        assertEquals(Reason.ADDRESS_TAKEN, reasonOf(commands.apply(SYSTEM, commands.createTokenFor(2, wanted))));
    }

    @Test
    void aPeerMayNotMakeTokens() {
        TokenId token = commands.token(1, Role.PEER, 5);
        commands.join(token, 1).orThrow();
        Actor peer = new Actor(Actor.Kind.PEER, NodeId.of(1).text(), "");
        assertEquals(Reason.NOT_ALLOWED, reasonOf(commands.apply(peer, commands.createToken(2, Role.PEER, 1))));
    }

    @Test
    void aPeerMayRemoveItselfAndNobodyElse() {
        TokenId token = commands.token(1, Role.PEER, 5);
        commands.join(token, 1).orThrow();
        commands.join(token, 2).orThrow();
        Actor peer = new Actor(Actor.Kind.PEER, NodeId.of(1).text(), "");
        assertEquals(Reason.NOT_ALLOWED, reasonOf(commands.apply(peer, new Command.RemoveNode(NodeId.of(2), "no"))));
        commands.apply(peer, new Command.RemoveNode(NodeId.of(1), "leaves")).orThrow();
        assertTrue(commands.state.find(NodeId.of(1)).isEmpty());
    }

    @Test
    void theLastManagerStays() {
        TokenId token = commands.token(1, Role.MGMT, 5);
        commands.join(token, 1, Role.MGMT).orThrow();
        assertEquals(
                Reason.LAST_MANAGER, reasonOf(commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(1), "oops"))));
        commands.join(token, 2, Role.MGMT).orThrow();
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(1), "replaced")).orThrow();
        Node left = commands.node(2);
        assertTrue(left.isManager());
    }
}
