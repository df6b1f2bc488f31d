package io.wgfabric.scale.bench;

import io.wgfabric.agent.NetmapGuard;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.agent.wireguard.DesiredNetwork;
import io.wgfabric.agent.wireguard.DesiredPeer;
import io.wgfabric.agent.wireguard.PlaneKey;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.agent.wireguard.Reconciler;
import io.wgfabric.agent.wireguard.Tunnel;
import io.wgfabric.agent.wireguard.Tunnels;
import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Edition;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.PublishedNetmap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a change of one node costs, as a delta and as the full configuration that there was before: bytes to each
 * watcher, signatures, the manager's time to encode and sign, and the agent's time until its interface is as the change
 * wants it. The interface is wireguard-go's in a namespace of its own, where this process may make one; else its time is
 * left out. Both ways take turns in the same run.
 */
public final class Changes {
    private static final int[] SIZES = {10, 100, 1_000};
    private static final int WARM = 40;
    private static final int MEASURED = 100;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ClusterId CLUSTER = ClusterId.of(7);
    private static final List<Prefix> POOLS = List.of(Prefix.parse("100.64.0.0/16"), Prefix.parse("fd77:1::/48"));

    /** Microseconds of the parts of a change. */
    private static final class Times {
        final Histogram sign = new Histogram(3);
        final Histogram admit = new Histogram(3);
        final Histogram apply = new Histogram(3);
        long bytes;
        long signatures;

        void clear() {
            sign.reset();
            admit.reset();
            apply.reset();
            bytes = 0;
            signatures = 0;
        }
    }

    private final CertificateAuthority authority =
            CertificateAuthority.create(CLUSTER, Keys.generateP256(), Instant.now());
    private final NetmapSigner signer = signer();
    private final Times asDelta = new Times();
    private final Times asFull = new Times();
    private final PlaneKey own = new PlaneKey(PrivateKey.generate(RANDOM), 51820);
    private final int size;
    private final NetmapGuard deltas;
    private final NetmapGuard fulls;
    private final @Nullable Tunnel tunnel;
    private PublishedNetmap published;
    private Netmap now;

    private Changes(int size, Path folder, @Nullable Namespace namespace) throws IOException {
        this.size = size;
        NetmapVerifier verifier =
                new NetmapVerifier(CLUSTER, () -> Authorities.of(authority.certificate()), InstantSource.system());
        deltas = new NetmapGuard(
                new NodeStore(Files.createDirectories(folder.resolve("deltas"))), NodeId.of(0), verifier);
        fulls = new NetmapGuard(
                new NodeStore(Files.createDirectories(folder.resolve("fulls"))), NodeId.of(0), verifier);
        List<Member> members = new ArrayList<>();
        for (int number = 0; number < size; number++) {
            members.add(member(number));
        }
        now = netmap(1, members);
        published = PublishedNetmap.begin(now, signer);
        var unused = deltas.admit(published.signed());
        tunnel = namespace == null
                ? null
                : Tunnels.open(
                        namespace.interfaceName,
                        Set.of(own.privateKey().publicKey()),
                        List.of("ip", "netns", "exec", namespace.name));
    }

    private NetmapSigner signer() {
        KeyPair pair = Keys.generateEd25519();
        return new NetmapSigner(
                pair.getPrivate(),
                authority.issueConfigSigner(CLUSTER, 1, pair.getPublic(), Instant.now()),
                authority.certificate());
    }

    private static Netmap netmap(long revision, List<Member> members) {
        return new Netmap(CLUSTER, 1, new Revision(revision), Netmap.DEFAULT_MTU, POOLS, members);
    }

    private static Member member(int number) {
        return new Member(
                NodeId.of(number),
                new NodeName("peer-" + number),
                Role.PEER,
                List.of(
                        Address.parse("100.64." + number / 250 + "." + (2 + number % 250)),
                        Address.parse("fd77:1::" + (2 + number))),
                new NodeKeys(key(), key()),
                new NodeEndpoints(List.of(Address.parse("192.0.2.17")), 51820, 51821),
                Instant.parse("2026-03-01T12:00:00.123Z"),
                null,
                null);
    }

    private static PublicKey key() {
        byte[] bytes = new byte[PublicKey.BYTES];
        RANDOM.nextBytes(bytes);
        return PublicKey.of(bytes);
    }

    /** One node has joined, or has left. */
    private void change(boolean joins) {
        List<Member> members = new ArrayList<>(now.members());
        if (joins) {
            members.add(member(size));
            members.sort(Comparator.comparing(Member::id));
        } else {
            members.removeIf(member -> member.id().equals(NodeId.of(size)));
        }
        now = netmap(now.revision().number() + 1, members);
    }

    private void run() throws IOException {
        apply(now, new Histogram(3));
        for (int turn = 0; turn < WARM + MEASURED; turn++) {
            if (turn == WARM) {
                asDelta.clear();
                asFull.clear();
            }
            // Either way meets joins and leaves alike; the other one only keeps up.
            boolean delta = turn / 2 % 2 == 0;
            change(turn % 2 == 0);
            measureDelta(delta);
            measureFull(!delta);
        }
    }

    private void measureDelta(boolean applies) throws IOException {
        long signatures = signer.signatures();
        long began = System.nanoTime();
        published = published.next(now, signer);
        record(asDelta.sign, began);
        asDelta.signatures += signer.signatures() - signatures;
        PublishedNetmap.Delta delta = Objects.requireNonNull(
                published.after(new Edition(1, new Revision(now.revision().number() - 1))));
        asDelta.bytes += delta.line().length;
        began = System.nanoTime();
        Netmap admitted = deltas.admitDelta(delta.text());
        record(asDelta.admit, began);
        if (applies) {
            apply(admitted, asDelta.apply);
        }
    }

    private void measureFull(boolean applies) throws IOException {
        long signatures = signer.signatures();
        long began = System.nanoTime();
        String compact = signer.sign(now);
        byte[] line =
                (Json.mapper().writeValueAsString(Map.of("netmap", compact)) + "\n").getBytes(StandardCharsets.UTF_8);
        record(asFull.sign, began);
        asFull.signatures += signer.signatures() - signatures;
        asFull.bytes += line.length;
        began = System.nanoTime();
        Netmap admitted = fulls.admit(compact);
        record(asFull.admit, began);
        if (applies) {
            apply(admitted, asFull.apply);
        }
    }

    private void apply(Netmap netmap, Histogram into) {
        if (tunnel == null) {
            return;
        }
        long began = System.nanoTime();
        DesiredNetwork desired = desired(netmap);
        tunnel.apply(Reconciler.reconcile(desired, tunnel.read(), Instant.now()).changes());
        record(into, began);
    }

    /** Without traffic: nobody answers at the endpoints, and who initiates would keep trying. */
    private DesiredNetwork desired(Netmap netmap) {
        List<DesiredPeer> peers = new ArrayList<>();
        for (Member member : netmap.members()) {
            Set<Prefix> prefixes = new LinkedHashSet<>();
            member.addresses().forEach(address -> prefixes.add(address.toPrefix()));
            peers.add(new DesiredPeer(
                    member.id().text(),
                    prefixes,
                    member.keys().main(),
                    null,
                    0,
                    false,
                    new Endpoint(
                            member.endpoints().addresses().get(0),
                            member.endpoints().mainPort()),
                    null,
                    25));
        }
        List<Address> addresses = List.of(Address.parse("100.64.255.1"), Address.parse("fd77:1::ffff:1"));
        return new DesiredNetwork(addresses, netmap.pools(), netmap.mtu(), own, null, peers);
    }

    private static void record(Histogram into, long began) {
        into.recordValue((System.nanoTime() - began) / 1_000);
    }

    private void report(Table table) {
        for (Times times : List.of(asFull, asDelta)) {
            table.row(
                    Integer.toString(size),
                    times == asFull ? "full, as before" : "delta",
                    String.format(Locale.ROOT, "%,d", times.bytes / MEASURED),
                    String.format(Locale.ROOT, "%.2f", (double) times.signatures / MEASURED),
                    millis(times.sign),
                    millis(times.admit),
                    tunnel == null ? "–" : millis(times.apply));
        }
    }

    private static String millis(Histogram micros) {
        return String.format(
                Locale.ROOT,
                "%.2f / %.2f",
                micros.getValueAtPercentile(50) / 1_000.0,
                micros.getValueAtPercentile(95) / 1_000.0);
    }

    /** A network namespace for an interface; gone with everything in it when it is closed. */
    private static final class Namespace implements AutoCloseable {
        private final String name = "chg" + Integer.toHexString(0x10000 + RANDOM.nextInt(0xf0000));
        private final String interfaceName = name + "0";
        private final Thread onExit = new Thread(this::remove);

        /** Null where it cannot be made: it takes root, and wireguard-go. */
        static @Nullable Namespace open() {
            Namespace made = new Namespace();
            if (!Files.exists(Path.of("/dev/net/tun")) || !run("ip", "netns", "add", made.name)) {
                return null;
            }
            Runtime.getRuntime().addShutdownHook(made.onExit);
            return made;
        }

        private static boolean run(String... command) {
            try {
                return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        private void remove() {
            var unused = run("ip", "netns", "del", name);
        }

        @Override
        public void close() {
            remove();
            Runtime.getRuntime().removeShutdownHook(onExit);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void main(String[] arguments) throws IOException {
        Table table = new Table(
                "peers",
                "way",
                "bytes per watcher",
                "signatures",
                "encode and sign, ms (50 / 95 %)",
                "verify and store, ms",
                "reconcile and apply, ms");
        for (int size : SIZES) {
            Path folder = Files.createTempDirectory("changes");
            try (Namespace namespace = Namespace.open()) {
                Changes changes = new Changes(size, folder, namespace);
                try {
                    changes.run();
                } finally {
                    if (changes.tunnel != null) {
                        changes.tunnel.tearDown();
                    }
                }
                changes.report(table);
            } finally {
                delete(folder);
            }
        }
        System.out.println(table);
    }
}
