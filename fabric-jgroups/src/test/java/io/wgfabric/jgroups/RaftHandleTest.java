package io.wgfabric.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.log.LogStatus;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jgroups.protocols.raft.Role;
import org.jgroups.raft.RaftHandle;
import org.jgroups.raft.StateMachine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counters as users of jgroups-raft write them, on our protocol. */
class RaftHandleTest {

    /** {@code name} adds one and answers the new value; {@code !} throws; {@code ?} answers nothing. */
    private static final class Counters implements StateMachine {
        private final TreeMap<String, Integer> values = new TreeMap<>();
        private int loads;

        @Override
        public synchronized byte @Nullable [] apply(byte[] data, int offset, int length, boolean wantsAnswer) {
            String name = new String(data, offset, length, UTF_8);
            if (name.equals("!")) {
                throw new IllegalArgumentException("no such counter");
            }
            if (name.equals("?")) {
                return null;
            }
            int value = values.merge(name, 1, Integer::sum);
            return ByteBuffer.allocate(4).putInt(value).array();
        }

        @Override
        public synchronized void readContentFrom(DataInput in) throws IOException {
            loads++;
            values.clear();
            for (int left = in.readInt(); left > 0; left--) {
                values.put(in.readUTF(), in.readInt());
            }
        }

        @Override
        public synchronized void writeContentTo(DataOutput out) throws IOException {
            out.writeInt(values.size());
            for (var one : values.entrySet()) {
                out.writeUTF(one.getKey());
                out.writeInt(one.getValue());
            }
        }

        synchronized int value(String name) {
            return values.getOrDefault(name, 0);
        }

        synchronized int loads() {
            return loads;
        }
    }

    private record Member(JGroupsLog log, Counters counters, RaftHandle handle) {
        int add(String name) throws Exception {
            byte[] bytes = name.getBytes(UTF_8);
            return ByteBuffer.wrap(handle.set(bytes, 0, bytes.length, 10, TimeUnit.SECONDS))
                    .getInt();
        }
    }

    private final List<InetSocketAddress> ports = List.of(Cluster.freePort(), Cluster.freePort(), Cluster.freePort());
    private final List<JGroupsLog> open = new ArrayList<>();
    private final String name = "handle-" + Long.toHexString(System.nanoTime());

    private Member prepare(Path directory, String id) {
        JGroupsLog.Builder builder = JGroupsLog.builder()
                .cluster(name)
                .self(id)
                .bind(ports.get(id.charAt(0) - 'a'))
                .directory(directory.resolve(id))
                .members(() -> ports)
                .plaintext();
        JGroupsLog log = (id.equals("a") ? builder.bootstrap() : builder).build();
        open.add(log);
        Counters counters = new Counters();
        return new Member(log, counters, new RaftHandle(log.channel(), counters));
    }

    private Member start(Path directory, String id) {
        Member member = prepare(directory, id);
        member.log().start();
        return member;
    }

    @AfterEach
    void close() {
        open.forEach(JGroupsLog::close);
    }

    @Test
    void handleOfAnyMember_setsAndGrows_overARestartAndASnapshot(@TempDir Path directory) throws Exception {
        Member a = prepare(directory, "a");
        List<Role> roles = new CopyOnWriteArrayList<>();
        a.handle().addRoleListener(roles::add);
        a.log().start();
        await().atMost(Cluster.LONG).until(a.handle()::isLeader);
        await().atMost(Cluster.LONG).until(() -> roles.contains(Role.Leader));
        assertEquals("a", a.handle().raftId());
        for (int i = 1; i <= 20; i++) {
            assertEquals(i, a.add("hits"));
        }
        a.handle().snapshot();
        assertTrue(a.handle().logSize() > 0);
        Member b = start(directory, "b");
        a.handle().addServer("b").get(10, TimeUnit.SECONDS);
        Member c = start(directory, "c");
        b.handle().addServer("c").get(10, TimeUnit.SECONDS);
        assertFalse(c.handle().isLeader());
        assertEquals(21, c.add("hits"), "a follower is as good");
        assertEquals(21, c.counters().value("hits"));
        byte[] none = "?".getBytes(UTF_8);
        assertNull(b.handle().setAsync(none, 0, none.length).get(10, TimeUnit.SECONDS));
        byte[] answer = b.handle().setAsync("xhitsx".getBytes(UTF_8), 1, 4).get(10, TimeUnit.SECONDS);
        assertArrayEquals(ByteBuffer.allocate(4).putInt(22).array(), answer);
        assertEquals(a.log().channel().getAddress(), c.handle().leader());

        c.log().close();
        for (int i = 0; i < 3000; i++) {
            var unused = a.handle().setAsync("hits".getBytes(UTF_8), 0, 4);
        }
        assertEquals(3023, a.add("hits"));
        a.handle().snapshot();
        Member again = start(directory, "c");
        await().atMost(Cluster.LONG).until(() -> again.counters().value("hits") == 3023);
        assertEquals(3024, again.add("hits"));
        assertEquals(1, again.counters().loads(), "what it missed came as a snapshot");
        assertEquals(3024, again.counters().value("hits"));
    }

    @Test
    void machineThatThrows_haltsItsMember(@TempDir Path directory) {
        Member a = start(directory, "a");
        await().atMost(Cluster.LONG).until(a.handle()::isLeader);
        assertThrows(ExecutionException.class, () -> a.add("!"));
        await().atMost(Cluster.LONG).until(() -> a.log().status().role() == LogStatus.Role.HALTED);
        assertThrows(ExecutionException.class, () -> a.add("hits"));
        assertEquals(0, a.counters().value("hits"));
    }

    @Test
    void machineIsSetBeforeTheStart(@TempDir Path directory) {
        Member a = start(directory, "a");
        assertThrows(IllegalStateException.class, () -> new RaftHandle(a.log().channel(), new Counters()));
        assertSame(a.counters(), a.handle().stateMachine());
        JGroupsLog without = JGroupsLog.builder()
                .cluster(name)
                .self("b")
                .bind(ports.get(1))
                .directory(directory.resolve("b"))
                .members(() -> ports)
                .plaintext()
                .build();
        open.add(without);
        assertThrows(NullPointerException.class, () -> without.start());
    }
}
