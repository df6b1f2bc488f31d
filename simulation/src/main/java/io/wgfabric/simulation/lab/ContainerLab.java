package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import io.wgfabric.api.Role;
import io.wgfabric.simulation.containers.FabricCluster;
import io.wgfabric.simulation.containers.FabricNode;
import io.wgfabric.simulation.containers.JoinToken;
import io.wgfabric.simulation.containers.ManagerContainer;
import io.wgfabric.simulation.containers.PeerContainer;
import io.wgfabric.simulation.containers.Reachability;
import io.wgfabric.simulation.netns.KernelLimits;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.PingCount;
import io.wgfabric.simulation.netns.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The lab in containers: what {@link Lab} tells, but for the search for private keys, of the images that users run. What
 * it makes is removed at the end, whatever the end is; the images stay.
 */
final class ContainerLab {
    private static final Path BUILD = Path.of("deploy", "images", "build");
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(20);

    private final LabPlan plan;
    private final Console console;
    private final Report report = new Report();
    private final Steps steps;
    private final Map<FabricNode<?>, Duration> joinedIn = new HashMap<>();
    private @Nullable FabricCluster fabric;
    private @Nullable FabricNode<?> killed;

    private ContainerLab(LabPlan plan, Console console) {
        this.plan = plan;
        this.console = console;
        this.steps = new Steps(console, report);
    }

    /**
     * Tells the whole story.
     *
     * @param sources where the images can be made, if they are missing; null if nowhere
     * @return the exit status: 0 only if every check passed
     * @throws LabException if this machine cannot have a lab in containers
     */
    static int run(LabPlan plan, Console console, @Nullable Path sources) {
        long start = System.nanoTime();
        console.line(console.bold("fabric lab") + "  " + plan.managers() + " managers and " + plan.peers()
                + " peers, each in a container of its own");
        KernelLimits.tooLowFor(plan.managers() + plan.peers() + 1).forEach(line -> console.line("  note   " + line));
        ContainerLab lab = new ContainerLab(plan, console);
        if (FabricCluster.whyNot().isPresent()) {
            lab.provideImages(sources);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(lab::removeInterrupted, "lab-removal"));
        lab.tell();
        return lab.end(start);
    }

    /** An engine that does not answer is refused by what makes the images as well, at once. */
    private void provideImages(@Nullable Path sources) {
        Path build = sources == null ? null : sources.resolve(BUILD);
        if (build == null || !Files.isExecutable(build)) {
            throw new LabException(FabricCluster.whyNot().orElse("the images were missing"));
        }
        steps.step("preparation", () -> {
            steps.activity("making the images, which is done once and takes minutes");
            Shell.Result result = Shell.run(BUILD_LIMIT, Map.of(), List.of(build.toString()));
            if (!result.ok()) {
                throw new LabException(BUILD + " failed: " + result.reason());
            }
            return "the images were made";
        });
        FabricCluster.whyNot().ifPresent(why -> {
            throw new LabException(why);
        });
    }

    private FabricCluster fabric() {
        FabricCluster found = fabric;
        if (found == null) {
            throw new IllegalStateException("no manager was started yet");
        }
        return found;
    }

    /** Whoever removes the lab waits until it is known what there is to remove. */
    private synchronized String found() {
        fabric = FabricCluster.of(1, 0)
                .progress(steps::activity)
                .logs(Path.of(System.getProperty("java.io.tmpdir")))
                .start();
        return fabric().managers().get(0) + " serves in " + fabric().id();
    }

    /** A step that cannot be done counts as a failed check and ends the story; what was checked so far is shown. */
    private void tell() {
        try {
            setUp();
            failover();
            keysAndTokens();
        } catch (LabException e) {
            steps.activity(e.line());
        }
    }

    private void setUp() {
        steps.step("1 bootstrap the first manager", this::found);
        JoinToken[] tokens = new JoinToken[2];
        steps.step("2 create join tokens", () -> {
            tokens[0] = fabric().createToken(Role.MGMT, Math.max(1, plan.managers() - 1));
            tokens[1] = fabric().createToken(Role.PEER, plan.peers());
            return "one for managers, one for " + plan.peers() + " peers";
        });
        if (plan.managers() > 1) {
            steps.step("3 managers join, one after another", () -> joinManagers(tokens[0]));
        }
        steps.step("4 peers join", () -> joinPeers(tokens[1]));
        steps.step("  addresses on the interfaces", () -> checkAddresses("unique IPv4 and IPv6 addresses"));
        steps.step("  every node pings every other", () -> checkPairs("all pairs"));
    }

    private String joinManagers(JoinToken token) {
        List<String> joined = new ArrayList<>();
        while (fabric().managers().size() < plan.managers()) {
            long start = System.nanoTime();
            ManagerContainer manager = fabric().addManager(token);
            joinedIn.put(manager, Times.since(start));
            joined.add(manager + " " + Times.text(Times.since(start)));
        }
        return String.join(", ", joined);
    }

    private String joinPeers(JoinToken token) {
        fabric().addPeers(plan.peers(), token).forEach(this::readJoin);
        List<Duration> times = fabric().peers().stream().map(joinedIn::get).toList();
        return "start to first ping: median " + Times.text(Times.median(times)) + ", worst "
                + Times.text(Times.worst(times));
    }

    private Duration readJoin(PeerContainer peer) {
        Duration ping = peer.joinTimes().ping();
        joinedIn.put(peer, ping);
        return ping;
    }

    private String checkAddresses(String name) {
        Map<FabricNode<?>, List<Address>> overlays = fabric().onAll(FabricNode::overlay);
        Set<Address> different = new HashSet<>();
        overlays.values().forEach(different::addAll);
        boolean passed = different.size() == 2 * overlays.size()
                && overlays.values().stream()
                        .allMatch(own -> own.size() == 2
                                && own.stream().filter(Address::isV4).count() == 1);
        String figure = different.size() + " addresses on " + overlays.size() + " nodes";
        report.check(name, passed, figure);
        return figure;
    }

    private String checkPairs(String name) {
        Reachability mesh = fabric().awaitMesh();
        String figure = mesh.pairs() + " directed pairs, IPv4 and IPv6, in " + Times.text(mesh.took())
                + (mesh.isComplete() ? "" : "; without answers: " + mesh.silent());
        report.check(name, mesh.isComplete(), figure);
        return figure;
    }

    private void failover() {
        Traffic traffic =
                Traffic.between(fabric().peers().get(0), fabric().peers().get(1));
        try (traffic) {
            steps.step("5 kill of the leader, under traffic", this::kill);
            if (plan.survivesOne()) {
                joinAnother();
                steps.step("  all that are left, with the new peer", () -> checkPairs("all pairs after the kill"));
            }
            steps.step("  traffic since before the kill", () -> {
                PingCount count = traffic.stop();
                report.check("tunnels across the kill of the leader", count.lost() == 0, Traffic.figure(count));
                return Traffic.figure(count);
            });
        }
        steps.step("  the killed manager comes back", this::comeBack);
        if (!plan.survivesOne()) {
            joinAnother();
        }
        steps.step("  every node pings every other", () -> checkPairs("all pairs after the return"));
        steps.step("  addresses on the interfaces", () -> checkAddresses("unique addresses, with the new peer"));
    }

    private String kill() {
        ManagerContainer leader = fabric().leader();
        leader.kill();
        killed = leader;
        return leader + " was the leader";
    }

    private void joinAnother() {
        long since = System.nanoTime();
        JoinToken[] token = new JoinToken[1];
        steps.step(plan.survivesOne() ? "  a token from a survivor" : "  a new token", () -> {
            token[0] = fabric().createToken(Role.PEER, 1);
            String figure = Times.text(Times.since(since)) + " for a new token";
            report.check("a manager decides after the kill", true, figure);
            return figure;
        });
        steps.step("  another peer joins", () -> {
            PeerContainer late = fabric().addPeer(token[0]);
            String figure = late + ", start to first ping: " + Times.text(readJoin(late));
            report.check("a peer joins after the kill", true, figure);
            return figure;
        });
    }

    private String comeBack() {
        FabricNode<?> back = killed;
        if (back == null) {
            throw new IllegalStateException("no manager was killed yet");
        }
        long start = System.nanoTime();
        back.restart();
        String figure = back + " serves again after " + Times.text(Times.since(start));
        report.check(
                "all managers hold the same state",
                true,
                fabric().awaitOneState().substring(0, 32) + "…");
        return figure;
    }

    private void keysAndTokens() {
        PeerContainer rotated = fabric().peers().get(0);
        steps.step("6 key rotation of " + rotated + ", under traffic", () -> rotate(rotated));
        steps.step("7 join with a revoked token", this::refuse);
    }

    private String rotate(PeerContainer rotated) {
        try (Traffic traffic = Traffic.between(rotated, fabric().peers().get(1))) {
            long start = System.nanoTime();
            fabric().rotate(rotated);
            String took = Times.text(Times.since(start));
            PingCount count = traffic.stop();
            String figure = Traffic.figure(count) + " both ways, " + took;
            report.check("key rotation of " + rotated + " under traffic", count.lost() == 0, figure);
            String shown = rotated.require("wg", "show", "all", "public-key").out();
            report.check(
                    "the new keys are on its interfaces",
                    fabric().keys(rotated).stream().allMatch(shown::contains),
                    "both, and no other key is known");
            return figure;
        }
    }

    private String refuse() {
        JoinToken token = fabric().createToken(Role.PEER, 1);
        String state = fabric().ask("token", "revoke", token.id()).path("state").asString("");
        int before = fabric().peers().size();
        try {
            fabric().addPeer(token);
            report.check("a join with the revoked token is refused", false, "it was admitted");
            return "admitted with a token that is " + state;
        } catch (LabException e) {
            boolean refused =
                    e.line().contains("was revoked") && fabric().peers().size() == before;
            report.check("a join with the revoked token is refused", refused, e.line());
            return e.line();
        }
    }

    private int end(long start) {
        List<Report.NodeRow> rows = rows();
        if (plan.keep() && fabric != null) {
            report.show(console, rows, Times.since(start));
            stay();
        }
        console.begin("clean-up");
        long begun = System.nanoTime();
        List<String> left = remove();
        String figure = left.isEmpty() ? rows.size() + " containers removed" : left.toString();
        report.check("nothing is left behind", left.isEmpty(), figure);
        console.end(left.isEmpty() ? Console.Mark.OK : Console.Mark.FAILED, Times.since(begun), figure);
        report.show(console, rows, Times.since(start));
        return report.failures() == 0 ? 0 : 1;
    }

    /** The last column is the fabric's own opinion. */
    private List<Report.NodeRow> rows() {
        FabricCluster found = fabric;
        if (found == null) {
            return List.of();
        }
        List<Report.NodeRow> rows = new ArrayList<>();
        try {
            Map<String, String> states = new HashMap<>();
            found.ask("node", "list")
                    .forEach(row -> states.put(
                            row.path("name").asString(""), row.path("status").asString("unknown")));
            String leader = found.leader().name();
            found.onAll(FabricNode::overlay).forEach((node, overlay) -> {
                String state = states.getOrDefault(node.name(), "unknown");
                rows.add(new Report.NodeRow(
                        node.name(),
                        node instanceof ManagerContainer,
                        overlay,
                        Optional.ofNullable(joinedIn.get(node)),
                        node.name().equals(leader) ? state + ", leader" : state));
            });
        } catch (LabException e) {
            report.check("the nodes as a manager sees them", false, e.line());
        }
        return rows;
    }

    private synchronized List<String> remove() {
        FabricCluster found = fabric;
        if (found == null) {
            return List.of();
        }
        fabric = null;
        found.close();
        if (report.failures() > 0) {
            console.line("  note   the logs of all nodes are in " + found.logs());
        }
        return found.leftovers();
    }

    /** Leaves the lab to the user until he ends this process; then the hook removes it. */
    private void stay() {
        console.line("");
        console.line("The lab stays until you press Ctrl-C (process "
                + ProcessHandle.current().pid() + "). Look around:");
        console.line("  docker exec -u fabric " + fabric().id() + "-m1 fabric status");
        console.line("  docker exec " + fabric().id() + "-p1 wg show");
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ctrl-C, SIGTERM, or a terminal that was closed; after the end nothing is left to remove. */
    private void removeInterrupted() {
        synchronized (this) {
            if (fabric == null) {
                return;
            }
            console.mute();
            console.lastWord("fabric lab: interrupted, removing the lab");
            List<String> left = remove();
            console.lastWord("fabric lab: " + (left.isEmpty() ? "nothing is left" : "left are " + left));
        }
    }
}
