package io.wgfabric.jgroups.stack;

import io.wgfabric.jgroups.raft.Event;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The bounded queue of events for the raft thread. Commands leave room for messages, which keep the cluster alive. */
final class Mailbox {
    private static final int CAPACITY = 1 << 15;
    private static final int ROOM_FOR_MESSAGES = CAPACITY / 2;
    private static final int BATCH = 1024;

    private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(CAPACITY);

    /** Returns false when it is full; the event is dropped then. */
    boolean offer(Event event) {
        boolean command = event instanceof Event.Propose;
        return !(command && queue.remainingCapacity() < ROOM_FOR_MESSAGES) && queue.offer(event);
    }

    /** Waits for room. */
    void put(Event event) throws InterruptedException {
        queue.put(event);
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
