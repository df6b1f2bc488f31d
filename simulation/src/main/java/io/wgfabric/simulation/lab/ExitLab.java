package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.PingCount;
import io.wgfabric.simulation.netns.PingFlow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A peer that reaches the internet through another one, the exit node. The internet is a host that only the exit node has a
 * route to; what leaves the peer for it by its own line is counted there. Nothing but its default route leads the peer to
 * the managers and to the exit node. Each step leaves a row; the caller judges. Needs what {@code fabric lab} needs, and
 * nft.
 */
public final class ExitLab implements AutoCloseable {
    private static final Address WEB = Address.parse("192.0.2.77");
    private static final Address WEB_V6 = Address.parse("2001:db8:77::2");
    private static final String WEB_GATEWAY_V6 = "2001:db8:77::1";

    /** What masquerading makes of the peer's address: the exit node's on the line to the host. */
    private static final String MASQUERADED = "169.254.2.1";

    private static final String LEAK = "lab-leak";
    private static final String ARRIVED = "lab-arrivals";

    private static final Duration FLOW = Duration.ofMillis(20);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration AFTERWARDS = Duration.ofMillis(1_500);

    /** Packets that may leave the peer's line are WireGuard's, and those to managers. */
    private static final String COUNTERS = """
            table inet lab-leak {
              chain out {
                type filter hook postrouting priority filter;
                oifname "eth0" meta nfproto ipv4 udp sport { 51820, 51821 } accept
                oifname "eth0" ip daddr 10.77.0.0/16 accept
                oifname "eth0" meta nfproto ipv4 counter
                oifname "eth0" ip6 daddr %s counter
              }
            }
            """;

    private static final String ARRIVALS = """
            table inet lab-arrivals {
              chain in {
                type filter hook input priority filter;
                icmp type echo-request ip saddr != %s counter
                icmpv6 type echo-request ip6 saddr != %s counter
              }
            }
            """;

    /**
     * What was seen of one step.
     *
     * @param held whether it came out as it should
     * @param took what the step is about; null if it has no time of its own
     * @param lost echo requests to the internet without an answer, of so many that were sent
     * @param leaked packets that left by the peer's own line though they should not, in all steps so far
     */
    public record Row(String step, boolean held, @Nullable Duration took, int lost, int sent, long leaked) {}

    private final StoryFabric fabric;
    private final List<Row> rows = new ArrayList<>();
    private final LabNode peer;
    private final LabNode exit;
    private final LabHost web;
    private final String ownRules;

    /** What was counted while the peer still had its own way. */
    private long mark;

    private ExitLab(StoryFabric fabric) {
        this.fabric = fabric;
        exit = fabric.join(fabric.network().add("x", Address.parse("203.0.113.1")));
        web = fabric.network().addBehind(exit.host(), "web", WEB);
        offerV6();
        LabHost host = fabric.network().add("c", Address.parse("198.51.100.1"));
        fabric.network().addAddress(host, Address.parse("2001:db8:1::1"));
        peer = fabric.join(host);
        ownRules = rules();
        load(peer.host(), "leak", COUNTERS.formatted(WEB_V6));
        load(web, "arrivals", ARRIVALS.formatted(MASQUERADED, WEB_GATEWAY_V6));
    }

    /** The line between the exit node and the host gets IPv6, which nobody else knows of. */
    private void offerV6() {
        String line = exit.host()
                .require("ip", "-o", "route", "get", WEB.toString())
                .out()
                .split(" dev ", 2)[1]
                .split(" ", 2)[0];
        exit.host().require("ip", "addr", "add", WEB_GATEWAY_V6 + "/64", "dev", line, "nodad");
        web.require("ip", "addr", "add", WEB_V6 + "/64", "dev", "eth0", "nodad");
        web.require("ip", "route", "replace", "default", "via", WEB_GATEWAY_V6, "dev", "eth0");
    }

    /**
     * Starts two managers, the exit node and the peer.
     *
     * @throws LabException if this machine cannot have a lab
     */
    public static ExitLab start() {
        return StoryFabric.start(2, ExitLab::new);
    }

    private void load(LabHost host, String name, String table) {
        try {
            Path file = fabric.network().folder().resolve(name + ".nft");
            Files.writeString(file, table);
            host.require("nft", "-f", file.toString());
        } catch (IOException e) {
            throw new LabException("cannot write a table for " + host + ": " + e.getMessage(), e);
        }
    }

    private String rules() {
        return peer.host().require("ip", "-4", "rule").out()
                + peer.host().require("ip", "-6", "rule").out();
    }

    private boolean pass() {
        return peer.host().unreachable(List.of(WEB, WEB_V6)).isEmpty();
    }

    private boolean isCut() {
        return peer.host().unreachable(List.of(WEB, WEB_V6)).size() == 2;
    }

    private static long counted(LabHost host, String table) {
        long sum = 0;
        String[] words =
                host.require("nft", "list", "table", "inet", table).out().split("\\s+", -1);
        for (int i = 0; i + 1 < words.length; i++) {
            sum += words[i].equals("packets") ? Long.parseLong(words[i + 1]) : 0;
        }
        return sum;
    }

    /** Packets on the peer's own line that are neither WireGuard's nor for managers. */
    private long leaked() {
        return counted(peer.host(), LEAK) - mark;
    }

    private boolean isStatus(LabNode node, String status) {
        JsonNode row = fabric.ask("node", "show", node.name());
        return row.path("status").asString("").equals(status);
    }

    private Row add(String step, boolean held, @Nullable Duration took, PingCount count) {
        Row row = new Row(step, held, took, count.lost(), count.sent(), leaked());
        rows.add(row);
        return row;
    }

    private Row add(String step, boolean held, @Nullable Duration took) {
        return add(step, held, took, new PingCount(0, 0, 0));
    }

    /** It is offered and approved, and still nobody is sent there; then the peer asks for it. */
    public Row begins() {
        fabric.peer(exit, "offer", "0.0.0.0/0,::/0");
        fabric.ask("node", "routes", exit.name(), "--approve", "0.0.0.0/0,::/0");
        boolean before = StoryFabric.await(this::pass, Duration.ofSeconds(6)) || !rules().equals(ownRules);
        long start = System.nanoTime();
        fabric.peer(peer, "exit", exit.name());
        boolean reached = StoryFabric.await(this::pass);
        Duration took = Times.since(start);
        mark = counted(peer.host(), LEAK);
        boolean masqueraded = counted(web, ARRIVED) == 0;
        return add("peer asks for the exit node", !before && reached && masqueraded, took);
    }

    /** The keys of both ends rotate while echo requests go to the internet. */
    public Row rotates() {
        try (PingFlow flow = peer.host().ping(WEB, FLOW)) {
            StoryFabric.await(() -> flow.answers() > 10);
            Duration took = fabric.rotate(peer).plus(fabric.rotate(exit));
            LockSupport.parkNanos(AFTERWARDS.toNanos());
            return add("keys of both ends rotate", pass(), took, flow.stop());
        }
    }

    /** The exit node's cable is pulled: nothing leaves, and the peer's agent goes on to be heard, also a new one. */
    public Row exitDies() {
        StoryFabric.unplug(exit);
        long start = System.nanoTime();
        try (PingFlow flow = peer.host().ping(WEB, FLOW)) {
            boolean noticed = StoryFabric.await(() -> isStatus(exit, "offline"));
            Duration took = Times.since(start);
            peer.process().destroyForcibly();
            boolean missed = StoryFabric.await(() -> !isStatus(peer, "online"));
            fabric.fleet().resume(peer);
            boolean heard = StoryFabric.await(() -> isStatus(peer, "online"));
            PingCount count = flow.stop();
            return add("exit node's cable is pulled", noticed && missed && heard && isCut(), took, count);
        }
    }

    /** It is back. */
    public Row exitReturns() {
        StoryFabric.plugIn(exit);
        long start = System.nanoTime();
        boolean reached = StoryFabric.await(this::pass, LIMIT.multipliedBy(2));
        return add("it is plugged in again", reached, Times.since(start));
    }

    /** Agent and interface of the peer are killed: its own line stays closed for the rest, until they are back. */
    public Row interfaceIsKilled() {
        peer.process().destroyForcibly();
        peer.host().processes().stream()
                .filter(each -> each.info().commandLine().orElse("").contains("wireguard-go"))
                .forEach(ProcessHandle::destroyForcibly);
        boolean cut = StoryFabric.await(this::isCut) && isCut();
        fabric.fleet().resume(peer);
        long start = System.nanoTime();
        boolean reached = StoryFabric.await(this::pass);
        return add("agent and interface are killed", cut && reached, Times.since(start));
    }

    /** The approval is taken back: nothing leaves until it is there again. */
    public Row approvalIsTakenBack() {
        fabric.ask("node", "routes", exit.name(), "--approve", "none");
        boolean cut = StoryFabric.await(this::isCut);
        fabric.ask("node", "routes", exit.name(), "--approve", "0.0.0.0/0,::/0");
        return add("approval is taken back", cut && StoryFabric.await(this::pass), null);
    }

    /** The peer is quarantined: nothing leaves. */
    public Row quarantine() {
        fabric.ask("node", "quarantine", peer.name(), "--reason", "odd traffic");
        boolean cut = StoryFabric.await(this::isCut);
        fabric.ask("node", "release", peer.name());
        long start = System.nanoTime();
        boolean reached = StoryFabric.await(this::pass, LIMIT.multipliedBy(2));
        return add("peer is quarantined, and released", cut && reached, Times.since(start));
    }

    /** The peer has its own way again, and nothing is left of the other one. */
    public Row off() {
        long before = leaked();
        fabric.peer(peer, "exit", "off");
        boolean clean = StoryFabric.await(this::isAsBefore);
        boolean own =
                peer.host().require("ip", "route", "get", WEB.toString()).out().contains(" dev eth0 ");
        boolean cut = isCut();
        Row row = new Row("exit off", clean && own && cut && leaked() > before, null, 0, 0, before);
        rows.add(row);
        return row;
    }

    private boolean isAsBefore() {
        String table = peer.host()
                .run("sh", "-c", "ip -4 route show table 5182; ip -6 route show table 5182")
                .out();
        return rules().equals(ownRules) && table.isBlank();
    }

    /** The peer leaves while it uses the exit node. */
    public Row leaves() {
        fabric.peer(peer, "exit", exit.name());
        boolean reached = StoryFabric.await(this::pass);
        mark = counted(peer.host(), LEAK);
        fabric.peer(peer, "leave");
        boolean gone = StoryFabric.await(() -> !peer.isAlive());
        return add("leaves", reached && gone && StoryFabric.await(this::isAsBefore), null);
    }

    /** All steps so far as a table, the heading first. */
    public List<String> table() {
        TextTable table = new TextTable("STEP", "AS IT SHOULD", "TOOK", "LOST", "LEAKED");
        for (Row row : rows) {
            table.row(
                    row.step(),
                    row.held() ? "yes" : "NO",
                    row.took() == null ? "-" : Times.text(row.took()),
                    row.sent() == 0 ? "-" : row.lost() + " of " + row.sent(),
                    Long.toString(row.leaked()));
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
