package io.wgfabric.core.presence;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.PublishedNetmap;
import io.wgfabric.core.wire.Heartbeat;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Notices nodes that have another configuration than the state says: a manager that was taken over has the keys to sign
 * what it likes, or may keep from a node what the others sign. Nodes say in their heartbeats what they have, and every
 * manager compares. What a node told this manager itself is looked at apart from what the others say that it told them:
 * they may lie. Thread-safe.
 */
public final class Drift {
    /** How long a node may lag behind, or a difference last, before it is said: five heartbeats. */
    public static final Duration GRACE = Presence.HEARTBEAT.multipliedBy(5);

    private static final Logger LOGGER = System.getLogger(Drift.class.getName());

    /** @param direct whether the node told it to this manager itself */
    private record Source(NodeId node, boolean direct) {}

    /**
     * @param since when it was first noticed
     * @param said whether it has lasted so long that it was said
     */
    private record Difference(Instant since, String what, boolean said) {}

    /** @param since when it was first published here */
    private record Known(Edition edition, Instant since) {}

    /** What was published lately. Thread-safe. */
    private static final class History {
        /** The first is the newest that every node should have by now, or will be soon. */
        private final Deque<Known> known = new ArrayDeque<>();

        /** What every node should have by now. */
        synchronized Edition due(Edition newest, Instant now) {
            Known last = known.peekLast();
            if (last == null || last.edition().isBefore(newest)) {
                known.addLast(new Known(newest, now));
            }
            Known oldest = known.removeFirst();
            while (!known.isEmpty() && !known.getFirst().since().plus(GRACE).isAfter(now)) {
                oldest = known.removeFirst();
            }
            known.addFirst(oldest);
            return oldest.since().plus(GRACE).isAfter(now) ? Edition.NONE : oldest.edition();
        }
    }

    private final Map<Source, Difference> differences = new ConcurrentHashMap<>();
    private final Map<NodeId, Long> refusals = new ConcurrentHashMap<>();
    private final LongAdder count = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** What was published, for all nodes together and for each spoke. */
    private final History whole = new History();

    private final Map<NodeId, History> spokes = new ConcurrentHashMap<>();

    /**
     * A heartbeat has come.
     *
     * @param direct whether from the node itself
     * @param published what this manager has signed for the node
     * @param state the state that it is known to agree with
     */
    public void heard(
            NodeId node, Heartbeat heartbeat, boolean direct, PublishedNetmap published, Edition state, Instant now) {
        Netmap.Spoke spoke = published.netmap().spoke();
        History history = spoke == null ? whole : spokes.computeIfAbsent(spoke.receiver(), id -> new History());
        Edition due = history.due(published.edition(), now);
        Source source = new Source(node, direct);
        if (direct) {
            count(node, heartbeat.refused());
        }
        Bytes digest = heartbeat.digest();
        if (digest == null) {
            differences.remove(source);
            return;
        }
        Edition has = new Edition(heartbeat.epoch(), heartbeat.applied());
        if (state.isBefore(has)) {
            // This manager lags behind, and cannot tell.
            return;
        }
        Optional<Bytes> right =
                has.epoch() == published.edition().epoch() ? published.digestAt(has.revision()) : Optional.empty();
        if (right.isPresent() && !right.get().equals(digest)) {
            differs(source, "it has another configuration of " + has + " than this manager", now);
        } else if (has.isBefore(due)) {
            differs(source, "it has " + has + ", and should have " + due + " by now", now);
        } else if (right.isPresent()) {
            Difference over = differences.remove(source);
            if (over != null && over.said()) {
                LOGGER.log(Level.INFO, "node {0} has the right configuration again", node);
            }
        }
    }

    private void differs(Source source, String what, Instant now) {
        Difference difference = differences.merge(
                source,
                new Difference(now, what, false),
                (before, fresh) -> new Difference(before.since(), what, before.said()));
        if (!difference.said() && !difference.since().plus(GRACE).isAfter(now)) {
            differences.put(source, new Difference(difference.since(), what, true));
            count.increment();
            LOGGER.log(
                    Level.WARNING,
                    "the configuration of node {0} is not the cluster''s: {1}, for {2} s; if it does not hear the"
                            + " managers look to its network, if it does look to the managers: one may be taken over",
                    source.node(),
                    what,
                    GRACE.toSeconds());
        }
    }

    private void count(NodeId node, @Nullable Long total) {
        if (total == null) {
            return;
        }
        Long before = refusals.put(node, total);
        long more = before == null || total < before ? total : total - before;
        refused.add(more);
        if (more > 0 && (before == null || before == 0 || total < before)) {
            LOGGER.log(
                    Level.WARNING,
                    "node {0} has refused {1} configurations: a manager or somebody between sends what is altered, old"
                            + " or foreign; its log says more",
                    node,
                    total);
        }
    }

    /** What is wrong with a node's configuration, if that lasts; null if nothing is known to be. */
    public @Nullable String of(NodeId node) {
        for (boolean direct : new boolean[] {true, false}) {
            Difference difference = differences.get(new Source(node, direct));
            if (difference != null && difference.said()) {
                return difference.what();
            }
        }
        return null;
    }

    /** How many times a node's configuration was found to differ for long. */
    public long count() {
        return count.sum();
    }

    /** How many configurations nodes have told this manager that they refused. */
    public long refused() {
        return refused.sum();
    }

    /** Forgets nodes that are members no more. */
    public void retain(Predicate<NodeId> isMember) {
        differences.keySet().removeIf(source -> !isMember.test(source.node()));
        refusals.keySet().removeIf(node -> !isMember.test(node));
        spokes.keySet().removeIf(node -> !isMember.test(node));
    }
}
