package io.wgfabric.simulation.world;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Command;
import io.wgfabric.api.Node;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.state.AuditChain;
import io.wgfabric.core.state.Envelope;
import io.wgfabric.core.state.Machine;
import io.wgfabric.core.state.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of a fabric, whatever happens to its members: one state for each revision, each request applied once
 * and answered the same, no address twice, no token used too often, an audit chain that verifies.
 */
final class FabricChecker {
    /** Whole states are compared after every so many commands; in between their audit chains are. */
    private static final int COMPARE_EVERY = 8;

    private record Asked(Actor.Kind kind, String actor, RequestId request) {}

    /** An outcome and its bytes, made once. */
    @SuppressWarnings("ArrayRecordComponent") // shared bytes, never compared
    private record Answer(Outcome outcome, byte[] encoded) {}

    private final List<State> history = new ArrayList<>(List.of(State.empty()));
    private final Map<Long, Answer> byIndex = new HashMap<>();
    private final Map<Asked, Outcome> answers = new HashMap<>();
    private final Map<TokenId, Integer> joins = new HashMap<>();

    /** The newest state that any member has. */
    State newest() {
        return history.get(history.size() - 1);
    }

    State at(long revision) {
        return history.get((int) revision);
    }

    @Nullable Outcome answerTo(Actor actor, RequestId request) {
        return answers.get(new Asked(actor.kind(), actor.id(), request));
    }

    /** A member applied a command; the first one that does so says what the others must get. Returns the answer. */
    byte[] applied(long index, Envelope envelope, State before, Machine.Result result) {
        Answer known = byIndex.get(index);
        if (known == null) {
            appliedFirst(envelope, before, result);
            known = new Answer(result.outcome(), Codec.encode(result.outcome()));
            byIndex.put(index, known);
        } else if (!known.outcome().equals(result.outcome())) {
            throw new Violation("two members answer entry " + index + " differently");
        }
        if (index % COMPARE_EVERY == 0) {
            same("a member", result.state());
        }
        return known.encoded();
    }

    void restored(String member, State state) {
        same(member, state);
    }

    private void same(String member, State state) {
        long revision = state.revision().number();
        if (revision >= history.size() || !at(revision).equals(state)) {
            throw new Violation(member + " has a state of revision " + revision + " that nobody else has");
        }
    }

    private void appliedFirst(Envelope envelope, State before, Machine.Result result) {
        Asked asked = new Asked(envelope.actor().kind(), envelope.actor().id(), envelope.request());
        Outcome first = answers.putIfAbsent(asked, result.outcome());
        if (first != null) {
            if (!result.state().equals(before) || !first.equals(result.outcome())) {
                throw new Violation("request " + envelope.request() + " was applied twice");
            }
            return;
        }
        State after = result.state();
        if (after.revision().number() != history.size()) {
            throw new Violation("revision " + after.revision() + " does not follow " + newest().revision());
        }
        history.add(after);
        audits(before, after);
        if (result.outcome() instanceof Outcome.Accepted && envelope.command() instanceof Command.JoinNode join) {
            countsUse(join, after);
            givesAddressesOnce(after);
        }
    }

    private static void audits(State before, State after) {
        AuditEntry entry = after.audit().entries().lastEntry().getValue();
        if (after.audit().count() != before.audit().count() + 1
                || !AuditChain.verifies(before.audit().last(), entry)
                || !entry.hash().equals(after.audit().last())) {
            throw new Violation("the audit chain breaks at entry " + entry.number());
        }
    }

    /** Counted here, not by the state's own count. */
    private void countsUse(Command.JoinNode join, State after) {
        TokenId id = join.token();
        if (id == null) {
            return;
        }
        int used = joins.merge(id, 1, Integer::sum);
        Token token = after.tokens().get(id);
        if (token == null || (token.uses() > 0 && used > token.uses())) {
            throw new Violation("token " + id + " admitted " + used + " nodes: " + token);
        }
    }

    private static void givesAddressesOnce(State after) {
        Set<Address> seen = new HashSet<>();
        for (Node node : after.nodes().values()) {
            for (Address address : node.addresses()) {
                Violation.unless(seen.add(address), "two nodes have the address " + address);
            }
        }
    }

    /** At the end: the digests that operators compare, over the whole states. */
    void finish(World world) {
        for (SimulatedMember member : world.members()) {
            SimulatedProcess process = member.process();
            if (process != null && !Codec.digest(process.replica().state()).equals(Codec.digest(newest()))) {
                throw new Violation(member.id() + " has another digest than the others");
            }
        }
    }
}
