package io.wgfabric.jgroups;

import static org.awaitility.Awaitility.await;

import io.wgfabric.core.log.LogStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Members in this JVM, on the loopback address. */
final class Cluster implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(10);

    /** A running member. */
    record Node(String id, JGroupsLog log, Recorder replica) {
        /**
         * A member that was just started meets the others by a merge when it got no answer in time to its request to
         * join, as on a busy machine; until then it rightly says that no majority answers.
         */
        private void meet() {
            if (log.status().leader() == null) {
                await().atMost(LONG).until(() -> log.status().leader() != null);
            }
        }

        String append(String command) throws Exception {
            meet();
            byte[] answer = log.append(command.getBytes(StandardCharsets.UTF_8), LONG)
                    .toCompletableFuture()
                    .get(15, TimeUnit.SECONDS);
            return new String(answer, StandardCharsets.UTF_8);
        }

        void addVoter(String member) throws Exception {
            log.addVoter(member, LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
        }

        void barrier() throws Exception {
            meet();
            log.barrier(LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
        }

        boolean leads() {
            return log.status().isLeader();
        }
    }

    private final Path directory;
    private final String name;
    private final List<InetSocketAddress> addresses = new CopyOnWriteArrayList<>();
    private final TreeMap<String, InetSocketAddress> ports = new TreeMap<>();
    private final TreeMap<String, Node> nodes = new TreeMap<>();

    Cluster(Path directory) {
        this.directory = directory;
        this.name = "test-" + Long.toHexString(System.nanoTime());
    }

    List<InetSocketAddress> addresses() {
        return addresses;
    }

    String name() {
        return name;
    }

    static InetSocketAddress freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    Node start(String id) {
        return start(id, builder -> builder);
    }

    Node start(String id, UnaryOperator<JGroupsLog.Builder> more) {
        InetSocketAddress address = ports.computeIfAbsent(id, key -> freePort());
        if (!addresses.contains(address)) {
            addresses.add(address);
        }
        JGroupsLog.Builder builder = JGroupsLog.builder()
                .cluster(name)
                .self(id)
                .bind(address)
                .directory(directory.resolve(id))
                .members(() -> addresses)
                .plaintext();
        JGroupsLog log = more.apply(builder).build();
        Recorder replica = new Recorder();
        log.start(replica);
        Node node = new Node(id, log, replica);
        nodes.put(id, node);
        return node;
    }

    /** The first member, which leads when this returns. */
    Node first(String id) {
        Node node = start(id, JGroupsLog.Builder::bootstrap);
        await().atMost(LONG).until(node::leads);
        return node;
    }

    /** A bootstrapped member and others that became voters. */
    Node grow(String... ids) throws Exception {
        Node first = first(ids[0]);
        for (int i = 1; i < ids.length; i++) {
            start(ids[i]);
            first.addVoter(ids[i]);
        }
        return first;
    }

    Node node(String id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    Node leader() {
        await().atMost(LONG).until(() -> nodes.values().stream().anyMatch(Node::leads));
        return nodes.values().stream()
                .filter(Node::leads)
                .max((a, b) ->
                        Long.compare(a.log().status().term(), b.log().status().term()))
                .orElseThrow();
    }

    void stop(String id) {
        Node node = forget(id);
        node.log().close();
    }

    Node forget(String id) {
        return Objects.requireNonNull(nodes.remove(id));
    }

    /** Waits until all replicas have applied what the others have. */
    void agree() {
        await().atMost(LONG)
                .until(() -> nodes.values().stream()
                                .map(node -> node.replica().commands())
                                .distinct()
                                .count()
                        == 1);
    }

    static boolean hasRole(Node node, LogStatus.Role role) {
        return node.log().status().role() == role;
    }

    @Override
    public void close() {
        List.copyOf(nodes.keySet()).forEach(this::stop);
    }
}
