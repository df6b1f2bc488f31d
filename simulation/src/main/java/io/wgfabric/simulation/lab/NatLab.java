package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.LabNetwork;
import io.wgfabric.simulation.netns.Nat;
import io.wgfabric.simulation.netns.Nat.Mapping;
import io.wgfabric.simulation.netns.PingCount;
import io.wgfabric.simulation.netns.PingFlow;
import io.wgfabric.simulation.netns.Shell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Two peers and what is between them: real managers and agents, NATs made by nft. Each story leaves a row of what was
 * measured, and says where it ended; the caller judges. Needs what {@code fabric lab} needs, and nft.
 */
public final class NatLab implements AutoCloseable {
    private static final int PORT = 51_820;
    private static final int JOINS = 4;
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(90);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration FLOW = Duration.ofMillis(20);
    private static final Duration AFTERWARDS = Duration.ofMillis(1_500);
    private static final Duration STAYS = Duration.ofSeconds(20);
    private static final Duration OPEN_STAYS = Duration.ofSeconds(25);

    /** How two peers reach each other in the end. */
    public enum Way {
        DIRECT,
        RELAYED,
        NONE
    }

    /**
     * What a story measured.
     *
     * @param way where it ended
     * @param first from when the second peer has its address to the first answer of the first one; null if none came
     * @param upgrade from then, or from what happened, until both ends were direct; null if they never were
     * @param lost echo requests that were lost while it happened, of so many that were sent, 50 a second
     * @param longest the longest time without an answer
     */
    public record Row(
            String story,
            Way way,
            @Nullable Duration first,
            @Nullable Duration upgrade,
            int lost,
            int sent,
            Duration longest) {}

    private final LabNetwork network;
    private final Fleet fleet;
    private final List<Row> rows = new ArrayList<>();
    private Fleet.@Nullable Issued token;
    private int stories;

    private NatLab(LabNetwork network, Fleet fleet) {
        this.network = network;
        this.fleet = fleet;
    }

    /**
     * Starts two managers that everybody can reach.
     *
     * @throws LabException if this machine cannot have a lab
     */
    public static NatLab start() {
        new Requirements(text -> {}).provideTools();
        LabNetwork.sweep();
        LabNetwork network = LabNetwork.open(LabNetwork.Layout.ROUTED);
        NatLab lab = new NatLab(
                network, new Fleet(network, FabricProgram.ofThisProcess("io.wgfabric.javalin.cli.FabricCommand")));
        try {
            lab.found();
            return lab;
        } catch (LabException e) {
            network.keepLogs(true);
            lab.close();
            throw new LabException(e.getMessage() + "; the logs are in " + network.logs(), e);
        }
    }

    private void found() {
        new Requirements(text -> {}).provideWireGuard(network);
        LabNode first = fleet.add(true);
        fleet.found(first);
        first.readOverlay();
        LabNode second = fleet.add(true);
        fleet.joinManager(second, fleet.createToken(first, "mgmt", 1).token());
        second.readOverlay();
        token = fleet.createToken(first, "peer", 100);
    }

    /** Two peers of a story. The second one joined later, and so begins. */
    private final class Two {
        final LabNode one;
        final LabNode two;

        @Nullable Duration first;

        Two(LabHost one, LabHost two) {
            this.one = fleet.adopt(one);
            this.two = fleet.adopt(two);
        }

        /** Both join; the time of the first answer is measured. */
        void join() {
            LabNode manager = fleet.managers().get(0);
            joinPatiently(manager);
            Address target = overlay(one);
            fleet.program().start(two, Fleet.joinArguments(two, admits()));
            Process probe = two.host().untilAnswer(target);
            try {
                StoryFabric.await(this::hasAddress, JOIN_LIMIT);
                long start = System.nanoTime();
                first = StoryFabric.await(() -> !probe.isAlive()) ? Times.since(start) : null;
            } finally {
                probe.destroyForcibly();
            }
        }

        private boolean hasAddress() {
            if (!two.isAlive()) {
                fleet.program().start(two, Fleet.joinArguments(two, admits()));
            }
            return address(two) != null;
        }

        /** A busy machine may be too slow for the time that a join gives a manager to answer; a repeat continues it. */
        private void joinPatiently(LabNode manager) {
            for (int attempt = 1; attempt < JOINS; attempt++) {
                try {
                    fleet.joinPeer(one, admits(), manager);
                    return;
                } catch (NodeFailure e) {
                    if (one.isAlive()) {
                        throw e;
                    }
                }
            }
            fleet.joinPeer(one, admits(), manager);
        }

        boolean isDirect() {
            return holds(one, two) && holds(two, one);
        }

        PingFlow flow() {
            return two.host().ping(overlay(one), FLOW);
        }

        void leave() {
            for (LabNode node : List.of(two, one)) {
                fleet.ask(fleet.managers().get(0), "node", "remove", node.name());
                StoryFabric.await(() -> !node.isAlive());
            }
        }
    }

    private String admits() {
        return token == null ? "" : token.token();
    }

    private static Address overlay(LabNode node) {
        StoryFabric.await(() -> address(node) != null);
        Address found = address(node);
        if (found == null) {
            throw new NodeFailure(node, "has no overlay address");
        }
        return found;
    }

    private static @Nullable Address address(LabNode node) {
        return node.host().interfaces().stream()
                .filter(each -> each.name().equals("wgf0"))
                .flatMap(each -> each.addresses().stream())
                .filter(Address::isV4)
                .findFirst()
                .orElse(null);
    }

    /** Whether a node sends what is for another one straight to it. */
    private static boolean holds(LabNode node, LabNode other) {
        String key = other.host().run("wg", "show", "wgf0", "public-key").out().strip();
        String address = overlay(other).toPrefix().toString();
        return node.host()
                .run("wg", "show", "wgf0", "allowed-ips")
                .out()
                .lines()
                .anyMatch(line -> !key.isEmpty() && line.startsWith(key) && line.contains(address));
    }

    /** An address of the second address range of documentation (RFC 5737), then of the third. */
    private static Address outside(int story, int side) {
        return Address.parse((side == 0 ? "198.51.100." : "203.0.113.") + story);
    }

    private Two two(@Nullable Mapping one, @Nullable Mapping other, Nat[] nats) {
        stories++;
        LabHost[] hosts = new LabHost[2];
        Mapping[] mappings = {one, other};
        for (int side = 0; side < 2; side++) {
            String name = (side == 0 ? "a" : "b") + stories;
            Mapping mapping = mappings[side];
            if (mapping == null) {
                hosts[side] = network.add(name, outside(stories, side));
            } else {
                LabHost router = network.add("r" + name, outside(stories, side));
                hosts[side] = network.addBehind(router, name, Address.parse("10." + (side + 1) + "." + stories + ".2"));
                nats[side] = Nat.on(router, mapping, PORT);
            }
        }
        return new Two(hosts[0], hosts[1]);
    }

    /** Two peers join; null is a peer without a NAT. */
    public Row meet(String story, @Nullable Mapping one, @Nullable Mapping other) {
        Two pair = two(one, other, new Nat[2]);
        return told(story, pair, Mapping.DEPENDENT == one && one == other);
    }

    /** The same with an address of IPv6 on each, which no NAT translates but which lets nothing in unasked. */
    public Row meetOverV6(String story) {
        Two pair = two(Mapping.DEPENDENT, Mapping.DEPENDENT, new Nat[2]);
        network.addAddress(pair.one.host(), Address.parse("2001:db8:1::" + stories));
        network.addAddress(pair.two.host(), Address.parse("2001:db8:2::" + stories));
        return told(story, pair, false);
    }

    private Row told(String story, Two pair, boolean never) {
        pair.join();
        long start = System.nanoTime();
        try (PingFlow flow = pair.flow()) {
            boolean direct = StoryFabric.await(pair::isDirect, never ? STAYS : LIMIT);
            Duration upgrade = Times.since(start);
            LockSupport.parkNanos(AFTERWARDS.toNanos());
            return row(story, pair, direct ? upgrade : null, flow.stop());
        } finally {
            pair.leave();
        }
    }

    /** A NAT of a direct pair forgets its connections and gives other ports. */
    public Row rebootedNat(String story) {
        Nat[] nats = new Nat[2];
        Two pair = two(Mapping.INDEPENDENT, Mapping.INDEPENDENT, nats);
        return disturbed(story, pair, () -> nats[1].reboot(Mapping.INDEPENDENT));
    }

    /** Both NATs begin to give every destination the same port. */
    public Row laterPath(String story) {
        Nat[] nats = new Nat[2];
        Two pair = two(Mapping.DEPENDENT, Mapping.DEPENDENT, nats);
        return disturbed(story, pair, () -> {
            nats[0].reboot(Mapping.INDEPENDENT);
            nats[1].reboot(Mapping.INDEPENDENT);
        });
    }

    /** A peer that can be reached gets another address. */
    public Row newAddress(String story) {
        Two pair = two(null, null, new Nat[2]);
        Address before = pair.two.host().address();
        return disturbed(story, pair, () -> {
            network.addAddress(pair.two.host(), Address.parse("203.0.113." + (100 + stories)));
            network.removeAddress(pair.two.host(), before);
        });
    }

    /**
     * A host without an agent behind a peer. Once the network is offered and approved the other peer reaches it, loses
     * nothing while the keys of the one in between rotate, and reaches it no more when the approval is taken back.
     */
    public Row networkBehindAPeer(String story) {
        stories++;
        LabHost router = network.add("a" + stories, outside(stories, 0));
        LabHost printer = network.addBehind(router, "p" + stories, Address.parse("10.3." + stories + ".2"));
        network.answerRouterAlone(printer);
        Two pair = new Two(router, network.add("b" + stories, outside(stories, 1)));
        String behind = Prefix.of(printer.address(), 24).toString();
        try {
            pair.join();
            LabNode manager = fleet.managers().get(0);
            Shell.Result offered = fleet.program()
                    .run(
                            router,
                            List.of(
                                    "peer",
                                    "offer",
                                    behind,
                                    "--data",
                                    pair.one.data().toString()));
            if (!offered.ok()) {
                throw new NodeFailure(pair.one, "offers no network: " + offered.reason());
            }
            fleet.ask(manager, "node", "routes", pair.one.name(), "--approve", behind);
            long start = System.nanoTime();
            boolean reached = StoryFabric.await(() -> reaches(pair, printer));
            Duration first = Times.since(start);
            try (PingFlow flow = pair.two.host().ping(printer.address(), FLOW)) {
                StoryFabric.await(() -> flow.answers() > 10);
                fleet.ask(manager, "node", "rotate", pair.one.name());
                StoryFabric.await(() ->
                        !fleet.ask(manager, "node", "show", pair.one.name()).has("rotation"));
                LockSupport.parkNanos(AFTERWARDS.toNanos());
                PingCount count = flow.stop();
                fleet.ask(manager, "node", "routes", pair.one.name(), "--approve", "none");
                boolean withdrawn = StoryFabric.await(() -> !reaches(pair, printer));
                Row row = new Row(
                        story,
                        reached && withdrawn ? Way.DIRECT : Way.NONE,
                        reached ? first : null,
                        null,
                        count.lost(),
                        count.sent(),
                        FLOW.multipliedBy(count.longestRun()));
                rows.add(row);
                return row;
            }
        } finally {
            pair.leave();
        }
    }

    private static boolean reaches(Two pair, LabHost host) {
        return pair.two.host().unreachable(List.of(host.address())).isEmpty();
    }

    private Row disturbed(String story, Two pair, Runnable disturbance) {
        pair.join();
        boolean wasDirect = StoryFabric.await(pair::isDirect, STAYS);
        try (PingFlow flow = pair.flow()) {
            StoryFabric.await(() -> flow.answers() > 10);
            long start = System.nanoTime();
            disturbance.run();
            if (wasDirect) {
                // Either it never stops, or it comes back over the relay first.
                StoryFabric.await(() -> !pair.isDirect(), OPEN_STAYS);
            }
            boolean direct = StoryFabric.await(pair::isDirect);
            Duration upgrade = Times.since(start);
            LockSupport.parkNanos(AFTERWARDS.toNanos());
            return row(story, pair, direct ? upgrade : null, flow.stop());
        } finally {
            pair.leave();
        }
    }

    private Row row(String story, Two pair, @Nullable Duration upgrade, PingCount count) {
        boolean reached =
                pair.two.host().unreachable(List.of(overlay(pair.one))).isEmpty();
        Way way = !reached ? Way.NONE : pair.isDirect() ? Way.DIRECT : Way.RELAYED;
        Row row = new Row(
                story, way, pair.first, upgrade, count.lost(), count.sent(), FLOW.multipliedBy(count.longestRun()));
        rows.add(row);
        return row;
    }

    /** All stories so far as a table, the heading first. */
    public List<String> table() {
        TextTable table = new TextTable("STORY", "PATH", "FIRST PING", "DIRECT AFTER", "LOST", "LONGEST GAP");
        for (Row row : rows) {
            table.row(
                    row.story(),
                    row.way().toString().toLowerCase(java.util.Locale.ROOT),
                    row.first() == null ? "-" : Times.text(row.first()),
                    row.upgrade() == null ? "-" : Times.text(row.upgrade()),
                    row.lost() + " of " + row.sent(),
                    Times.text(row.longest()));
        }
        return table.lines();
    }

    /** Leaves the logs of all nodes behind when it is closed, and says where. */
    public String keepLogs() {
        network.keepLogs(true);
        return network.logs().toString();
    }

    @Override
    public void close() {
        network.close();
    }
}
