package io.wgfabric.core.presence;

import io.wgfabric.api.NodeId;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.PairReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What each node said of each of its pairs at last, put together from the parts in its heartbeats. Two numbers squared of
 * nodes: so a node is a number here, and what is known of a pair three of them. Thread-safe.
 */
final class PairTable {
    /** Nodes beyond that are left out, so that it takes at most 27 MB. */
    static final int MAX_NODES = 1_500;

    /** How often a pair may miss its turn before what was said of it is out of date; and then some. */
    private static final int TURNS = 3;

    private static final int MORE_SECONDS = 30;

    private static final int NOTHING = Integer.MIN_VALUE;

    /** What a node said, by the other end's number; in seconds since this table was made. */
    private static final class Row {
        private int[] told = {};
        private int[] handshake = {};
        private int[] via = {};
        private int newest = NOTHING;

        void fit(int number) {
            int old = told.length;
            if (number >= old) {
                int size = Math.min(MAX_NODES, Math.max(number + 1, 2 * old));
                told = Arrays.copyOf(told, size);
                handshake = Arrays.copyOf(handshake, size);
                via = Arrays.copyOf(via, size);
                Arrays.fill(told, old, size, NOTHING);
            }
        }

        /** Before that nothing counts: its turn would have come. */
        long oldest() {
            long pairs = Arrays.stream(told).filter(at -> at != NOTHING).count();
            long beats = TURNS * (1 + pairs / Heartbeat.MAX_PAIRS);
            return (long) newest - MORE_SECONDS - beats * Presence.HEARTBEAT.toSeconds();
        }

        void forget(int number) {
            for (int i = 0; i < told.length; i++) {
                if (i == number || via[i] == number) {
                    told[i] = NOTHING;
                }
            }
        }
    }

    private final Instant born;
    private final Map<NodeId, Integer> numbers = new HashMap<>();
    private final List<@Nullable NodeId> nodes = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();

    PairTable(Instant born) {
        this.born = born;
    }

    /** @param known of whom something may be said: nobody fills this with nodes that there are not */
    synchronized void heard(NodeId node, Instant at, List<PairReport> reports, Predicate<NodeId> known) {
        int number = number(node);
        if (number == NOTHING) {
            return;
        }
        Row row = rows.get(number);
        int now = seconds(at);
        row.newest = Math.max(row.newest, now);
        for (PairReport report : reports) {
            NodeId via = report.via();
            boolean fits = known.test(report.other()) && (via == null || known.test(via));
            int other = fits ? number(report.other()) : NOTHING;
            int by = fits && via != null ? number(via) : NOTHING;
            if (other == NOTHING || (via != null && by == NOTHING)) {
                continue;
            }
            row.fit(other);
            if (row.told[other] <= now) {
                Long ago = report.handshakeSeconds();
                row.told[other] = now;
                row.handshake[other] = ago == null ? NOTHING : (int) (now - ago);
                row.via[other] = by;
            }
        }
    }

    /** What a node said of its pairs, by the other ends' ids, and how long ago their handshakes are now. */
    synchronized List<PairReport> of(NodeId node, Instant at) {
        Integer number = numbers.get(node);
        if (number == null) {
            return List.of();
        }
        Row row = rows.get(number);
        long oldest = row.oldest();
        long now = seconds(at);
        List<PairReport> reports = new ArrayList<>();
        for (int other = 0; other < row.told.length; other++) {
            NodeId end = row.told[other] != NOTHING && row.told[other] >= oldest ? nodes.get(other) : null;
            NodeId via = end == null || row.via[other] == NOTHING ? null : nodes.get(row.via[other]);
            if (end == null) {
                continue;
            }
            reports.add(
                    via != null
                            ? PairReport.relayed(end, via)
                            : PairReport.direct(
                                    end,
                                    row.handshake[other] == NOTHING ? null : Math.max(0, now - row.handshake[other])));
        }
        reports.sort((one, other) -> one.other().compareTo(other.other()));
        return reports;
    }

    /** Forgets nodes that are members no more, and what was said of them. */
    synchronized void retain(Predicate<NodeId> isMember) {
        for (int number = 0; number < nodes.size(); number++) {
            NodeId node = nodes.get(number);
            if (node != null && !isMember.test(node)) {
                numbers.remove(node);
                nodes.set(number, null);
                rows.set(number, new Row());
                for (Row row : rows) {
                    row.forget(number);
                }
            }
        }
    }

    private int number(NodeId node) {
        Integer number = numbers.get(node);
        if (number != null) {
            return number;
        }
        int free = nodes.indexOf(null);
        if (free < 0 && nodes.size() == MAX_NODES) {
            return NOTHING;
        }
        if (free < 0) {
            free = nodes.size();
            nodes.add(node);
            rows.add(new Row());
        } else {
            nodes.set(free, node);
        }
        numbers.put(node, free);
        return free;
    }

    private int seconds(Instant at) {
        return (int) Duration.between(born, at).toSeconds();
    }
}
