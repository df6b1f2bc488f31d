package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.stack.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Messages on their way, as bytes: an inbox for each member, from which they come late, twice, or not at all. */
final class SimulatedNetwork {
    private static final int ROOM = 48;

    /** A message and who sent it. */
    @SuppressWarnings("ArrayRecordComponent") // shared bytes, never compared
    record Flying(String from, byte[] bytes) {
        /** Questions and their answers rely on a transport that repeats nothing; consensus and commands do not. */
        boolean mayComeTwice() {
            return bytes[1] <= 3;
        }

        Frame frame() {
            return Frame.decode(bytes, 0, bytes.length);
        }
    }

    private final Trace trace;
    private final Map<String, List<Flying>> inboxes = new TreeMap<>();
    private final Set<String> cut = new TreeSet<>();

    SimulatedNetwork(Trace trace) {
        this.trace = trace;
    }

    void add(String member) {
        inboxes.put(member, new ArrayList<>());
    }

    void send(String from, String to, byte[] bytes) {
        trace.add(from);
        trace.add(to);
        trace.add(bytes);
        List<Flying> inbox = inboxes.get(to);
        if (inbox == null || isCut(from, to)) {
            return;
        }
        if (inbox.size() >= ROOM) {
            inbox.remove(0);
        }
        inbox.add(new Flying(from, bytes));
    }

    int waiting(String to) {
        List<Flying> inbox = inboxes.get(to);
        return inbox == null ? 0 : inbox.size();
    }

    /**
     * Takes a message for a member: the oldest, or any.
     *
     * @param senders whose messages may come
     * @param again whether it stays on its way and comes once more
     */
    @Nullable Flying take(String to, Set<String> senders, SplittableRandom random, boolean anyOrder, boolean again) {
        List<Flying> inbox = inboxes.get(to);
        if (inbox == null || inbox.isEmpty()) {
            return null;
        }
        int start = anyOrder ? random.nextInt(inbox.size()) : 0;
        for (int i = start; i < inbox.size(); i++) {
            Flying flying = inbox.get(i);
            if (senders.contains(flying.from())) {
                if (!again || !flying.mayComeTwice()) {
                    inbox.remove(i);
                }
                return isCut(flying.from(), to) ? null : flying;
            }
        }
        return null;
    }

    boolean isCut(String from, String to) {
        return !cut.isEmpty() && cut.contains(from + ">" + to);
    }

    void cut(String from, String to) {
        cut.add(from + ">" + to);
    }

    void heal() {
        cut.clear();
    }

    /** Forgets what is on its way to a member that has gone for good. */
    void remove(String member) {
        inboxes.remove(member);
    }
}
