package io.wgfabric.core.state;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.codec.Codec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** A machine that tests drive: a state, a clock, and short words for commands. */
public final class Commands {
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    public static final Actor SYSTEM = Actor.system("test");

    public State state = State.empty();
    public Instant now = START;
    private long requests;

    public static Commands bootstrapped(String... pools) {
        Commands commands = new Commands();
        commands.apply(SYSTEM, bootstrap(pools)).orThrow();
        return commands;
    }

    public static Command bootstrap(String... pools) {
        return new Command.BootstrapCluster(
                ClusterId.of(1),
                Arrays.stream(pools).map(Prefix::parse).toList(),
                Bytes.of(new byte[] {1}),
                new TreeMap<>(),
                new TreeMap<>(),
                new Operator(OperatorId.of(1), "admin", Operator.Access.ADMIN, Bytes.of(new byte[32])));
    }

    public Outcome apply(Actor actor, Command command) {
        requests++;
        return apply(actor, new RequestId("r" + requests), command);
    }

    public Outcome apply(Actor actor, RequestId request, Command command) {
        return apply(new Envelope(now, actor, request, command));
    }

    /** Through the codec, as the log would bring it. */
    public Outcome apply(Envelope envelope) {
        Envelope decoded = Codec.decodeEnvelope(Codec.encode(envelope));
        Machine.Result result = Machine.apply(state, decoded, Codec.fingerprint(decoded));
        state = result.state();
        return Codec.decodeOutcome(Codec.encode(result.outcome()));
    }

    public TokenId token(long id, Role role, int uses) {
        apply(SYSTEM, createToken(id, role, uses)).orThrow();
        return TokenId.of(id);
    }

    public Command.CreateToken createToken(long id, Role role, int uses) {
        return new Command.CreateToken(
                TokenId.of(id), role, null, Duration.ofHours(1), uses, Collections.emptySortedSet(), null, false);
    }

    public Command.CreateToken createTokenFor(long id, Address address) {
        return new Command.CreateToken(
                TokenId.of(id), Role.PEER, null, Duration.ofHours(1), 1, new TreeSet<>(), address, false);
    }

    public Outcome join(TokenId token, long node) {
        return join(token, node, Role.PEER);
    }

    public Outcome join(TokenId token, long node, Role role) {
        return apply(new Actor(Actor.Kind.TOKEN, token.text(), "192.0.2.1"), joinNode(token, node, role));
    }

    public static Command.JoinNode joinNode(TokenId token, long node, Role role) {
        return new Command.JoinNode(
                token,
                NodeId.of(node),
                role,
                new NodeName("node" + node),
                keys(node),
                new NodeEndpoints(List.of(Address.parse("192.0.2.1")), 51820, 51821),
                role == Role.MGMT ? new ManagerServices("m:7443", "m:7800") : null);
    }

    public static NodeKeys keys(long seed) {
        return new NodeKeys(key(2 * seed + 1_000), key(2 * seed + 1_001));
    }

    public static PublicKey key(long seed) {
        byte[] bytes = new byte[PublicKey.BYTES];
        ByteBuffer.wrap(bytes).putLong(seed).put(31, (byte) 1);
        return PublicKey.of(bytes);
    }

    public Node node(long id) {
        return state.find(NodeId.of(id)).orElseThrow();
    }

    public Token token(TokenId id) {
        return Objects.requireNonNull(state.tokens().get(id));
    }

    public static Reason reasonOf(Outcome outcome) {
        if (outcome instanceof Outcome.Rejected rejected) {
            return rejected.rejection().reason();
        }
        throw new AssertionError("it was accepted: " + outcome);
    }
}
