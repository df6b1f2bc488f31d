package io.wgfabric.jgroups.stack;

import io.wgfabric.jgroups.raft.Event;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The bounded queue of events for the raft thread. Commands leave room for messages, which keep the cluster alive. */
public final class Mailbox {
    private static final int CAPACITY = 1 << 15;
    private static final int BATCH = 1024;

    private final BlockingQueue<Event> queue;
    private final int roomForMessages;

    public Mailbox() {
        this(CAPACITY);
    }

    public Mailbox(int capacity) {
        queue = new ArrayBlockingQueue<>(capacity);
        roomForMessages = capacity / 2;
    }

    /** Returns false when it is full; the event is dropped then. */
    public boolean offer(Event event) {
        boolean command = event instanceof Event.Propose;
        return !(command && queue.remainingCapacity() < roomForMessages) && queue.offer(event);
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
