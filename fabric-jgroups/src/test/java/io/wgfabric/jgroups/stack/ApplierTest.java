package io.wgfabric.jgroups.stack;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.log.Replica;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.Message;
import io.wgfabric.jgroups.wal.WriteAheadLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplierTest {
    private final Mailbox mailbox = new Mailbox();
    private final CountDownLatch go = new CountDownLatch(1);

    /** Applies nothing before it is let go. */
    private final Replica slow = new Replica() {
        @Override
        public byte[] apply(long index, byte[] command) {
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return command;
        }

        @Override
        public byte[] snapshot() {
            return new byte[0];
        }

        @Override
        public void restore(byte[] snapshot) {
            throw new IllegalStateException("there is no snapshot");
        }

        @Override
        public void halted(Throwable cause) {
            throw new IllegalStateException(cause);
        }
    };

    @Test
    void whileTooMuchWaitsToBeApplied_noEntriesComeIn_butHeartbeatsDo(@TempDir Path directory) throws Exception {
        byte[] large = new byte[1 << 20];
        List<Entry> many = LongStream.rangeClosed(1, 65)
                .mapToObj(index -> new Entry(index, 1, Entry.Kind.COMMAND, 1, index, large))
                .toList();
        Event entries = received(many.subList(0, 1));
        Event command = new Event.Propose(1, "b", 1, 1, large);
        try (WriteAheadLog wal = WriteAheadLog.open(directory, "test")) {
            Requests requests = new Requests(
                    "a", 7, 10, (member, frame) -> true, mailbox, Runnable::run, System::nanoTime, () -> "nobody");
            Applier applier = new Applier(
                    slow,
                    requests,
                    wal.snapshots(),
                    new SnapshotPolicy(1000, Long.MAX_VALUE / 8, 0),
                    mailbox,
                    Runnable::run,
                    () -> false,
                    failure -> {
                        throw new IllegalStateException(failure);
                    });
            mailbox.heed(applier::isBehind);
            Thread applying = new Thread(applier);
            applying.start();
            assertTrue(mailbox.offer(entries) && mailbox.offer(command));
            applier.submit(many);
            assertTrue(applier.isBehind());
            assertFalse(mailbox.offer(entries) || mailbox.offer(command));
            assertTrue(mailbox.offer(received(List.of())), "a heartbeat");
            go.countDown();
            await().atMost(Duration.ofSeconds(10)).until(() -> mailbox.offer(entries) && mailbox.offer(command));
            applier.stop();
            applying.join(10_000);
        }
    }

    private static Event received(List<Entry> entries) {
        return new Event.Received("b", new Message.AppendRequest(1, 0, 0, 0, 0, entries));
    }
}
