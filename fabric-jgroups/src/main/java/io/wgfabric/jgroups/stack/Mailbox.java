package io.wgfabric.jgroups.stack;

import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.Message;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue of events for the raft thread. Commands leave room for messages, which keep the cluster alive. While
 * too much waits to be applied, nothing comes in that would add to it: a leader takes no commands, and a follower loses
 * entries, which it gets again. Heartbeats pass.
 */
public final class Mailbox {
    private static final int CAPACITY = 1 << 15;
    private static final int BATCH = 1024;

    private final BlockingQueue<Event> queue;
    private final int roomForMessages;
    private volatile BooleanSupplier behind = () -> false;

    public Mailbox() {
        this(CAPACITY);
    }

    public Mailbox(int capacity) {
        queue = new ArrayBlockingQueue<>(capacity);
        roomForMessages = capacity / 2;
    }

    /** From now on entries come in only while this is false. */
    void heed(BooleanSupplier newBehind) {
        behind = newBehind;
    }

    /** Returns false when it is full; the event is dropped then. */
    public boolean offer(Event event) {
        boolean command = event instanceof Event.Propose;
        if ((command || carriesEntries(event)) && behind.getAsBoolean()) {
            return false;
        }
        return !(command && queue.remainingCapacity() < roomForMessages) && queue.offer(event);
    }

    private static boolean carriesEntries(Event event) {
        return event instanceof Event.Received received
                && received.message() instanceof Message.AppendRequest request
                && !request.entries().isEmpty();
    }

    /** Waits for room. */
    void put(Event event) throws InterruptedException {
        queue.put(event);
    }

    /** Takes what is there, up to a limit, and does not wait. */
    public void drainTo(List<Event> into) {
        queue.drainTo(into, BATCH);
    }

    /** Waits for an event, and takes what is there, up to a limit. */
    void take(List<Event> into, long millis) throws InterruptedException {
        @Nullable Event first = queue.poll(millis, TimeUnit.MILLISECONDS);
        if (first != null) {
            into.add(first);
            queue.drainTo(into, BATCH - 1);
        }
    }
}
