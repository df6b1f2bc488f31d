package io.wgfabric.simulation.world;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.log.LogException;
import io.wgfabric.core.state.Envelope;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A fabric's callers: they ask for commands, and whoever did not hear an answer asks again under the same request id,
 * through any member. Encoding and decoding is the real codec's, each command once.
 */
final class Fabric {
    private static final Duration PATIENCE = Duration.ofMillis(800);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** @param fingerprint as {@link Codec#fingerprint} has it */
    record Decoded(Envelope envelope, Bytes fingerprint) {}

    /** An intention of a caller. */
    private static final class Wish {
        final Actor actor;
        final RequestId request;
        final Command command;
        int tries;

        @Nullable Outcome answer;

        Wish(Actor actor, RequestId request, Command command) {
            this.actor = actor;
            this.request = request;
            this.command = command;
        }
    }

    private final FabricChecker checker = new FabricChecker();
    private final FabricCommands commands = new FabricCommands();
    private final Agents agents = new Agents(this);
    private final Map<ByteBuffer, Decoded> decoded = new HashMap<>();
    private final Map<String, List<Wish>> waiting = new HashMap<>();
    private final ArrayDeque<Wish> unknown = new ArrayDeque<>();
    private final List<Wish> answered = new ArrayList<>();
    private final Map<Wish, String> denied = new LinkedHashMap<>();
    private final Wish founding;
    private long requests;
    private long acknowledged;

    Fabric() {
        founding = new Wish(FabricCommands.SYSTEM, new RequestId("founding"), FabricCommands.bootstrap());
    }

    FabricChecker checker() {
        return checker;
    }

    Agents agents() {
        return agents;
    }

    /** The highest revision that any caller was told. */
    long acknowledged() {
        return acknowledged;
    }

    Decoded decode(byte[] command) {
        return decoded.computeIfAbsent(ByteBuffer.wrap(command), bytes -> {
            Envelope envelope = Codec.decodeEnvelope(command);
            return new Decoded(envelope, Codec.fingerprint(envelope));
        });
    }

    /** Asks a member for something; the answer is looked at later. */
    void submit(
            World world, SimulatedProcess process, String member, SplittableRandom dice, ArrayDeque<Runnable> told) {
        Wish wish = choose(dice);
        wish.tries++;
        Envelope envelope = new Envelope(START.plusMillis(world.now()), wish.actor, wish.request, wish.command);
        waiting.computeIfAbsent(member, id -> new ArrayList<>()).add(wish);
        CompletableFuture<byte[]> unused = process.requests()
                .append(Codec.encode(envelope), PATIENCE)
                .whenComplete((answer, failure) -> told.add(() -> heard(member, wish, answer, failure)));
    }

    private void heard(String member, Wish wish, byte @Nullable [] answer, @Nullable Throwable failure) {
        if (!Objects.requireNonNull(waiting.get(member)).remove(wish)) {
            return; // the caller has ended with its process, and the wish is one of unknown outcome
        }
        if (answer != null) {
            told(wish, Codec.decodeOutcome(answer));
        } else if (failure != null) {
            failed(wish, failure);
        }
    }

    private Wish choose(SplittableRandom dice) {
        Wish again = unknown.poll();
        if (again != null) {
            return again;
        }
        if (checker.newest().cluster() == null) {
            return founding;
        }
        if (!answered.isEmpty() && dice.nextInt(8) == 0) {
            return answered.get(dice.nextInt(answered.size())); // a caller that lost its answer
        }
        FabricCommands.Asked asked = commands.next(checker.newest(), dice);
        return new Wish(asked.actor(), new RequestId("r" + ++requests), asked.command());
    }

    private void told(Wish wish, Outcome outcome) {
        Outcome before = wish.answer;
        if (before != null && !before.equals(outcome)) {
            throw new Violation("request " + wish.request + " was answered twice and differently");
        }
        if (!outcome.equals(checker.answerTo(wish.actor, wish.request))) {
            throw new Violation("request " + wish.request + " was acknowledged but is not applied");
        }
        wish.answer = outcome;
        answered.add(wish);
        acknowledged = Math.max(acknowledged, outcome.revision().number());
        if (outcome instanceof Outcome.Accepted && wish.command instanceof Command.JoinNode join) {
            agents.add(join.node());
        }
    }

    private void failed(Wish wish, Throwable failure) {
        if (failure instanceof LogException log && log.outcome() == LogException.Outcome.NOT_APPLIED) {
            if (wish.tries == 1 && wish != founding) {
                denied.put(wish, String.valueOf(log.getMessage()));
            }
        } else {
            unknown.add(wish);
        }
    }

    /** Callers of a process that has ended do not know what became of their wishes. */
    void ended(String member) {
        List<Wish> left = waiting.remove(member);
        if (left != null) {
            unknown.addAll(left);
        }
        waiting.put(member, new ArrayList<>());
    }

    /** At the end: who was told that it is not applied was told the truth. */
    void finish(World world) {
        denied.forEach((wish, why) -> {
            if (checker.answerTo(wish.actor, wish.request) != null) {
                throw new Violation("request " + wish.request + " was said not to be applied, but is: " + why);
            }
        });
        checker.finish(world);
    }
}
