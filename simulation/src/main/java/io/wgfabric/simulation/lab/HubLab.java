package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.PingCount;
import io.wgfabric.simulation.netns.PingFlow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Hub and spoke with real managers and agents: three managers are the hubs, two peers are spokes, behind one of which is a
 * host without an agent. Each story leaves a row of what was measured; the caller judges. Needs what {@code fabric lab}
 * needs, and nft.
 */
public final class HubLab implements AutoCloseable {
    private static final int HUBS = 3;
    private static final Duration FLOW = Duration.ofMillis(20);
    private static final Duration AFTERWARDS = Duration.ofMillis(1_500);
    private static final int ANSWERS = 25;

    /**
     * What a story measured.
     *
     * @param reached whether all that should be reached was, and nothing else
     * @param took what the story is about; null if it has no time of its own
     * @param lost echo requests of so many that were sent, 50 a second each way
     * @param longest the longest time without an answer
     */
    public record Row(
            String story, boolean reached, @Nullable Duration took, int lost, int sent, Duration longest) {}

    private final StoryFabric fabric;
    private final List<Row> rows = new ArrayList<>();
    private final LabNode spoke;
    private final LabNode router;
    private final LabHost printer;
    private final LabHost secret;
    private @Nullable LabNode unplugged;

    private HubLab(StoryFabric fabric) {
        this.fabric = fabric;
        spoke = fabric.join(fabric.network().add("s1", Address.parse("198.51.100.1")));
        LabHost second = fabric.network().add("s2", Address.parse("198.51.100.2"));
        printer = fabric.network().addBehind(second, "printer", Address.parse("10.3.1.2"));
        fabric.network().answerRouterAlone(printer);
        router = fabric.join(second);
        secret = fabric.network().addBehind(fabric.manager().host(), "secret", Address.parse("10.4.1.2"));
    }

    /**
     * Starts them.
     *
     * @throws LabException if this machine cannot have a lab
     */
    public static HubLab start() {
        return StoryFabric.start(HUBS, fabric -> {
            HubLab lab = new HubLab(fabric);
            lab.become("hub");
            return lab;
        });
    }

    private void become(String topology) {
        fabric.ask("mesh", "set", "--topology", topology);
        boolean hubbed = topology.equals("hub");
        if (!StoryFabric.await(() -> isDirect() != hubbed && pass())) {
            throw new LabException("the spokes do not come to a topology of " + topology);
        }
    }

    private boolean pass() {
        return StoryFabric.reaches(spoke, StoryFabric.overlay(router, true));
    }

    /** Whether the spokes have entries for each other. */
    private boolean isDirect() {
        return !StoryFabric.allowed(spoke, router).isEmpty()
                || !StoryFabric.allowed(router, spoke).isEmpty();
    }

    /** What happens while echo requests go both ways between the spokes. */
    private interface Happening {
        @Nullable Duration happen();
    }

    private Row during(String story, Happening happening) {
        return during(
                story,
                List.of(
                        spoke.host().ping(StoryFabric.overlay(router, true), FLOW),
                        router.host().ping(StoryFabric.overlay(spoke, false), FLOW)),
                happening);
    }

    private Row during(String story, List<PingFlow> flows, Happening happening) {
        try {
            boolean flowed = flows.stream().allMatch(HubLab::flows);
            Duration took = happening.happen();
            flowed &= flows.stream().allMatch(HubLab::flows);
            LockSupport.parkNanos(AFTERWARDS.toNanos());
            int lost = 0;
            int sent = 0;
            int longest = 0;
            for (PingFlow flow : flows) {
                PingCount count = flow.stop();
                lost += count.lost();
                sent += count.sent();
                longest = Math.max(longest, count.longestRun());
            }
            return add(new Row(story, flowed, took, lost, sent, FLOW.multipliedBy(longest)));
        } finally {
            flows.forEach(PingFlow::close);
        }
    }

    private static boolean flows(PingFlow flow) {
        long before = flow.answers();
        return StoryFabric.await(() -> flow.answers() >= before + ANSWERS);
    }

    private Row add(Row row) {
        rows.add(row);
        return row;
    }

    /** Nothing happens: IPv4 one way, IPv6 the other. */
    public Row spokesTalk() {
        return during("two spokes, IPv4 and IPv6", () -> {
            StoryFabric.await(() -> false, Duration.ofSeconds(3));
            return null;
        });
    }

    /** Each spoke reaches the host behind the other once that is approved; the other's keys rotate meanwhile. */
    public Row networkBehindASpoke() {
        String behind = Prefix.of(printer.address(), 24).toString();
        fabric.peer(router, "offer", behind);
        boolean before = StoryFabric.reaches(spoke, printer.address());
        fabric.ask("node", "routes", router.name(), "--approve", behind);
        long start = System.nanoTime();
        boolean reached = StoryFabric.await(() -> StoryFabric.reaches(spoke, printer.address()));
        Duration first = Times.since(start);
        Row row = during(
                "a network behind a spoke, whose keys rotate",
                List.of(spoke.host().ping(printer.address(), FLOW)),
                () -> {
                    fabric.rotate(router);
                    return first;
                });
        rows.remove(row);
        return add(new Row(
                row.story(), row.reached() && reached && !before, first, row.lost(), row.sent(), row.longest()));
    }

    /** A network behind a hub that nobody approved: a spoke that sends there on its own account gets no answer. */
    public Row nothingThatWasNotApproved() {
        String network = Prefix.of(secret.address(), 24).toString();
        LabNode hub = fabric.manager();
        boolean[] reached = {false};
        Row row = during("a network that is not approved", () -> {
            String key = StoryFabric.key(hub);
            String has =
                    StoryFabric.allowed(spoke, hub).split("\t", 2)[1].strip().replace(' ', ',');
            spoke.host().require("ip", "route", "replace", network, "dev", StoryFabric.INTERFACE);
            spoke.host().require("wg", "set", StoryFabric.INTERFACE, "peer", key, "allowed-ips", has + "," + network);
            reached[0] = StoryFabric.reaches(spoke, secret.address());
            return null;
        });
        rows.remove(row);
        return add(new Row(row.story(), !reached[0], null, row.lost(), row.sent(), row.longest()));
    }

    /** A spoke's keys rotate. */
    public Row spokeRotates() {
        return during("a spoke's keys rotate", () -> fabric.rotate(spoke));
    }

    /** The keys of the hub that carries the spokes rotate. */
    public Row hubRotates() {
        return during("the hub's keys rotate", () -> fabric.rotate(carrier()));
    }

    private LabNode carrier() {
        return fabric.fleet().managers().stream()
                .filter(this::carries)
                .findFirst()
                .orElseThrow(() -> new LabException("no hub carries a pool"));
    }

    /** Whether a hub's entry at the spoke has more than addresses. */
    private boolean carries(LabNode hub) {
        // The first word is the key, in which there may be a slash too.
        return Stream.of(StoryFabric.allowed(spoke, hub).split("\\s", -1))
                .skip(1)
                .anyMatch(prefix -> prefix.indexOf('/') > 0 && !prefix.endsWith("/32") && !prefix.endsWith("/128"));
    }

    /** The cable of the hub that carries the spokes is pulled; another one carries them. The time is until answers come. */
    public Row hubDies() {
        LabNode dead = carrier();
        unplugged = dead;
        return during("the hub's cable is pulled", () -> {
            long start = System.nanoTime();
            StoryFabric.unplug(dead);
            StoryFabric.await(() -> !carries(dead));
            StoryFabric.await(this::pass);
            return Times.since(start);
        });
    }

    /** It is there again, and carries the spokes again, since its id is the lowest. */
    public Row hubReturns() {
        LabNode second = carrier();
        LabNode back = unplugged;
        return during("it is plugged in again", () -> {
            long start = System.nanoTime();
            if (back != null) {
                StoryFabric.plugIn(back);
            }
            StoryFabric.await(() -> !carries(second));
            return Times.since(start);
        });
    }

    /** The spokes get entries for each other. */
    public Row becomesAMesh() {
        return during("hub becomes mesh", () -> changed("mesh"));
    }

    /** And lose them again. */
    public Row becomesHubs() {
        return during("mesh becomes hub", () -> changed("hub"));
    }

    private Duration changed(String topology) {
        long start = System.nanoTime();
        become(topology);
        return Times.since(start);
    }

    /** Who is quarantined reaches nobody, and nobody reaches it; the time is until that is so. */
    public Row quarantinedSpoke() {
        fabric.ask("node", "quarantine", router.name(), "--reason", "odd traffic");
        long start = System.nanoTime();
        List<Address> all =
                new ArrayList<>(List.of(StoryFabric.overlay(spoke, true), StoryFabric.overlay(spoke, false)));
        fabric.fleet().managers().forEach(hub -> all.add(StoryFabric.overlay(hub, true)));
        boolean cut = StoryFabric.await(() ->
                router.host().unreachable(all).size() == all.size() && !StoryFabric.reaches(spoke, printer.address()));
        Duration took = Times.since(start);
        fabric.ask("node", "release", router.name());
        boolean back = StoryFabric.await(this::pass, Duration.ofSeconds(90));
        return add(new Row("a quarantined spoke", cut && back, took, 0, 0, Duration.ZERO));
    }

    /** All stories so far as a table, the heading first. */
    public List<String> table() {
        TextTable table = new TextTable("STORY", "AS IT SHOULD", "TOOK", "LOST", "LONGEST GAP");
        for (Row row : rows) {
            table.row(
                    row.story(),
                    row.reached() ? "yes" : "NO",
                    row.took() == null ? "-" : Times.text(row.took()),
                    String.format(Locale.ROOT, "%d of %d", row.lost(), row.sent()),
                    Times.text(row.longest()));
        }
        return table.lines();
    }

    /** Leaves the logs of all nodes behind when it is closed, and says where. */
    public String keepLogs() {
        return fabric.keepLogs();
    }

    @Override
    public void close() {
        fabric.close();
    }
}
