package io.wgfabric.agent.wireguard;

import static org.awaitility.Awaitility.await;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A whole mesh whose agents start at the same moment, each with its configuration, with real WireGuard in network
 * namespaces that a router connects by a line each. By hand: {@code java … ColdMesh NODES [unpaced]}. Prints when the
 * pairs were up, and what it cost.
 */
final class ColdMesh implements AutoCloseable {
    private static final Duration ROUND = Duration.ofMillis(60);
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Path SOCKETS = Path.of("/var/run/wireguard");
    private static final Prefix POOL = Prefix.parse("100.64.0.0/16");

    private final Commands host = new Commands(List.of());
    private final String tag = "k" + Integer.toHexString(0x1000 + new SecureRandom().nextInt(0xf000));
    private final List<Node> nodes = new ArrayList<>();
    private final boolean paced;

    /** What a run showed: seconds from the start until the pairs were up, and processor time. */
    record Figures(
            int pairs, int up, double median, double worstOfHundred, double worst, double cpu, long initiations) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d of %d pairs: median %.2f s, p99 %.2f s, worst %.2f s; WireGuard's CPU %.1f s, %d kB of handshakes",
                    up,
                    pairs,
                    median,
                    worstOfHundred,
                    worst,
                    cpu,
                    initiations / 1000);
        }
    }

    /** A node and the loop of its agent, without the commands that only look at the link. */
    private final class Node {
        final int number;
        final String namespace;
        final String name;
        final PlaneKey key = new PlaneKey(PrivateKey.generate(new SecureRandom()), 51820);
        final Address overlay;
        final FirstHandshakes first;
        final Map<PublicKey, Long> upAfter = new ConcurrentHashMap<>();
        final Tunnel tunnel;
        ActualPlane link = ActualPlane.absent();

        Node(int number) {
            this.number = number;
            this.namespace = tag + "-" + number;
            this.name = tag + "-" + number + "-0";
            this.first = new FirstHandshakes(id());
            this.overlay = Address.parse("100.64." + number / 200 + "." + (1 + number % 200));
            this.tunnel =
                    Tunnels.open(name, Set.of(key.privateKey().publicKey()), List.of("ip", "netns", "exec", namespace));
        }

        String id() {
            return String.format(Locale.ROOT, "n%03d", number);
        }

        Address underlay() {
            return ColdMesh.underlay(number);
        }

        DesiredNetwork desired(List<Node> others) {
            List<DesiredPeer> peers = new ArrayList<>();
            for (Node other : others) {
                if (other != this) {
                    boolean initiator = number > other.number;
                    peers.add(new DesiredPeer(
                            other.id(),
                            Set.of(other.overlay.toPrefix()),
                            other.key.privateKey().publicKey(),
                            null,
                            ActualNetwork.MAIN,
                            initiator,
                            initiator ? new Endpoint(other.underlay(), 51820) : null,
                            null,
                            initiator ? 25 : 0));
                }
            }
            return new DesiredNetwork(List.of(overlay), List.of(POOL), DesiredNetwork.DEFAULT_MTU, key, null, peers);
        }

        void bringUp() {
            tunnel.apply(Reconciler.reconcile(desired(List.of()), tunnel.read(), Instant.now())
                    .changes());
            link = tunnel.read().main();
        }

        DeviceState device() {
            return UapiText.parse(new UapiSocket(SOCKETS.resolve(name + ".sock"), Commands.TIMEOUT).get());
        }

        void round(DesiredNetwork desired, Instant start) {
            DeviceState device = device();
            Instant now = Instant.now();
            device.peers().forEach((peer, state) -> {
                Instant handshake = state.lastHandshake();
                if (handshake != null) {
                    upAfter.putIfAbsent(peer, Duration.between(start, handshake).toMillis());
                }
            });
            ActualNetwork actual = new ActualNetwork(
                    new ActualPlane(
                            true,
                            true,
                            link.mtu(),
                            device.publicKey(),
                            device.listenPort(),
                            link.addresses(),
                            device.peers(),
                            link.routes()),
                    ActualPlane.absent());
            DesiredNetwork turn = paced ? first.pace(desired, actual, now) : desired;
            tunnel.apply(Reconciler.reconcile(turn, actual, now).changes());
            tunnel.apply(first.retry(turn, actual, now));
        }
    }

    private static Address underlay(int number) {
        return Address.parse("10.98." + number / 200 + "." + (1 + number % 200));
    }

    private ColdMesh(int count, boolean paced) throws Exception {
        this.paced = paced;
        StringBuilder router = new StringBuilder();
        check(host.run("ip", "netns", "add", tag));
        check(host.run("ip", "netns", "exec", tag, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"));
        for (int number = 0; number < count; number++) {
            check(host.run("ip", "netns", "add", tag + "-" + number));
            router.append("link add v").append(number).append(" type veth peer name eth0 netns ");
            router.append(tag).append('-').append(number).append('\n');
            router.append("link set v").append(number).append(" up\n");
            router.append("addr add 169.254.1.1/32 dev v").append(number).append('\n');
            router.append("route add ")
                    .append(underlay(number))
                    .append("/32 dev v")
                    .append(number)
                    .append('\n');
        }
        batch(tag, router.toString());
        for (int number = 0; number < count; number++) {
            batch(
                    tag + "-" + number,
                    "link set lo up\nlink set eth0 up\naddr add " + underlay(number) + "/32 dev eth0\n"
                            + "route add default via 169.254.1.1 dev eth0 onlink\n");
            nodes.add(new Node(number));
        }
        ScheduledExecutorService workers = Executors.newScheduledThreadPool(4);
        List<Future<?>> made = new ArrayList<>();
        nodes.forEach(node -> made.add(workers.submit(node::bringUp)));
        for (Future<?> each : made) {
            each.get();
        }
        workers.shutdown();
    }

    private void batch(String namespace, String lines) {
        check(host.run(List.of("ip", "-n", namespace, "-batch", "-"), lines.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void check(Commands.Output output) {
        if (!output.ok()) {
            throw new IllegalStateException(output.reason());
        }
    }

    /** All agents at once, each with the whole configuration, until all pairs are up. */
    private Figures start() throws Exception {
        double before = cpuSeconds();
        ScheduledExecutorService workers = Executors.newScheduledThreadPool(8);
        Instant start = Instant.now();
        List<ScheduledFuture<?>> loops = new ArrayList<>();
        for (Node node : nodes) {
            DesiredNetwork desired = node.desired(nodes);
            loops.add(workers.scheduleWithFixedDelay(
                    () -> node.round(desired, start), 0, ROUND.toMillis(), TimeUnit.MILLISECONDS));
        }
        int pairs = nodes.size() * (nodes.size() - 1);
        // Those that are not up in time are figures too.
        await().pollInterval(Duration.ofMillis(50)).atMost(LIMIT.plusSeconds(5)).until(() -> {
            for (ScheduledFuture<?> loop : loops) {
                if (loop.isDone()) {
                    loop.get();
                }
            }
            return up() >= pairs || Duration.between(start, Instant.now()).compareTo(LIMIT) >= 0;
        });
        workers.shutdown();
        double cpu = cpuSeconds() - before;
        long bytes = nodes.stream()
                .flatMap(node -> node.device().peers().values().stream())
                .mapToLong(ActualPeer::sentBytes)
                .sum();
        long[] times = nodes.stream()
                .flatMap(node -> node.upAfter.values().stream())
                .mapToLong(time -> time)
                .sorted()
                .toArray();
        return new Figures(pairs, times.length, at(times, 0.5), at(times, 0.99), at(times, 1.0), cpu, bytes);
    }

    private int up() {
        return nodes.stream().mapToInt(node -> node.upAfter.size()).sum();
    }

    private static double at(long[] sorted, double part) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(part * (sorted.length - 1))] / 1000.0;
    }

    private List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(handle -> handle.info().commandLine().orElse("").contains("wireguard-go " + tag))
                .toList();
    }

    private double cpuSeconds() {
        double sum = 0;
        for (ProcessHandle process : processes()) {
            try {
                String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
                sum += (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sum;
    }

    @Override
    public void close() {
        processes().forEach(ProcessHandle::destroyForcibly);
        nodes.forEach(node -> host.run("ip", "netns", "del", node.namespace));
        host.run("ip", "netns", "del", tag);
        for (Node node : nodes) {
            try {
                Files.deleteIfExists(SOCKETS.resolve(node.name + ".sock"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Figures run(int count, boolean paced) throws Exception {
        try (ColdMesh mesh = new ColdMesh(count, paced)) {
            return mesh.start();
        }
    }

    public static void main(String[] arguments) throws Exception {
        boolean paced = !Arrays.asList(arguments).contains("unpaced");
        System.out.println(run(Integer.parseInt(arguments[0]), paced));
        System.exit(0);
    }
}
