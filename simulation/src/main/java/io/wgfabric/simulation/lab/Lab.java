package io.wgfabric.simulation.lab;

import io.wgfabric.simulation.netns.KernelLimits;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabNetwork;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The one-shot lab: a fabric of real programs, one process and one network namespace for each node, from the first
 * manager to the loss of one and back. What it makes is removed at the end, whatever the end is.
 */
public final class Lab implements AutoCloseable {
    private static final int LAST_WORDS = 15;

    private final LabPlan plan;
    private final Console console;
    private final Report report = new Report();
    private final Steps steps;
    private final LabNetwork network;
    private final Fleet fleet;
    private Duration tokenTime = Duration.ZERO;
    private boolean interrupted;

    private Lab(LabPlan plan, Console console, FabricProgram program, LabNetwork network) {
        this.plan = plan;
        this.console = console;
        this.steps = new Steps(console, report);
        this.network = network;
        this.fleet = new Fleet(network, program);
        network.onExit(this::removeInterrupted);
    }

    /**
     * Tells the whole story.
     *
     * @return the exit status: 0 only if every check passed
     * @throws LabException if this machine cannot have a lab
     */
    static int run(LabPlan plan, Console console, FabricProgram program) {
        long start = System.nanoTime();
        console.line(console.bold("fabric lab") + "  " + plan.managers() + " managers and " + plan.peers()
                + " peers as processes of their own, in network namespaces of their own");
        try (Lab lab = prepare(plan, console, program)) {
            lab.tell();
            lab.end(start);
            return lab.report.failures() == 0 ? 0 : 1;
        }
    }

    private static Lab prepare(LabPlan plan, Console console, FabricProgram program) {
        Requirements requirements = new Requirements(text -> console.line("  note   " + text));
        requirements.provideTools();
        int swept = LabNetwork.sweep();
        if (swept > 0) {
            console.line("  note   removed the remains of " + swept + " lab" + (swept == 1 ? "" : "s")
                    + " that had been killed");
        }
        KernelLimits.tooLowFor(plan.managers() + plan.peers() + 1).forEach(line -> console.line("  note   " + line));
        LabNetwork network = LabNetwork.open(LabNetwork.Layout.forHosts(plan.managers() + plan.peers() + 2));
        Lab lab = new Lab(plan, console, program, network);
        try {
            lab.steps.step("preparation", () -> lab.build(requirements.provideWireGuard(network)));
            return lab;
        } catch (LabException e) {
            lab.close();
            throw e;
        }
    }

    private String build(String wireGuard) {
        for (int number = 0; number < plan.managers(); number++) {
            fleet.add(true);
        }
        for (int number = 0; number < plan.peers(); number++) {
            fleet.add(false);
        }
        return "lab " + network.id() + ", " + wireGuard;
    }

    /** A step that cannot be done counts as a failed check and ends the story; what was checked so far is shown. */
    private void tell() {
        try {
            setUp();
            failover();
            keysAndTokens();
            steps.step("the nodes as a manager sees them", this::learnStates);
        } catch (LabException e) {
            if (e instanceof NodeFailure failure) {
                List<String> words = failure.node().lastWords(LAST_WORDS);
                words.forEach(line -> console.line("         " + failure.node() + " | " + line));
            }
        }
    }

    private void setUp() {
        Joining joining = new Joining(fleet, steps);
        Reachability reachability = new Reachability(report);
        LabNode first = fleet.managers().get(0);
        steps.step("1 bootstrap the first manager", joining::bootstrap);
        Fleet.Issued[] tokens = new Fleet.Issued[2];
        steps.step("2 create join tokens", () -> {
            tokens[0] = fleet.createToken(first, "mgmt", Math.max(1, plan.managers() - 1));
            long start = System.nanoTime();
            tokens[1] = fleet.createToken(first, "peer", plan.peers());
            tokenTime = Times.since(start);
            return "one for managers, one for " + plan.peers() + " peers";
        });
        if (plan.managers() > 1) {
            steps.step("3 managers join, one after another", () -> joining.managers(tokens[0].token()));
        }
        steps.step("4 peers join", () -> joining.peers(fleet.peers(), tokens[1].token(), first));
        steps.step(
                "  addresses on the interfaces",
                () -> reachability.checkAddresses("unique IPv4 and IPv6 addresses", fleet.nodes()));
        steps.step("  every node pings every other", () -> reachability.checkPairs("all pairs", fleet.nodes()));
        steps.step("  wg show", () -> reachability.checkHandshakes(fleet.nodes()));
    }

    private void failover() {
        Failover failover = new Failover(fleet, steps);
        Reachability reachability = new Reachability(report);
        steps.step("5 kill -9 of the leader, under traffic", failover::kill);
        if (plan.survivesOne()) {
            joinAnother(failover);
            steps.step(
                    "  all that are left, with the new peer",
                    () -> reachability.checkPairs("all pairs after the kill", failover.alive()));
        }
        steps.step("  traffic since before the kill", () -> failover.countLosses("the kill of the leader"));
        steps.step("  the killed manager comes back", failover::comeBack);
        if (!plan.survivesOne()) {
            joinAnother(failover);
        }
        steps.step("  it catches up", failover::checkAgreement);
        steps.step(
                "  every node pings every other",
                () -> reachability.checkPairs("all pairs after the return", fleet.nodes()));
        steps.step(
                "  addresses on the interfaces",
                () -> reachability.checkAddresses("unique addresses, with the new peer", fleet.nodes()));
    }

    private void joinAnother(Failover failover) {
        Fleet.Issued[] token = new Fleet.Issued[1];
        steps.step(plan.survivesOne() ? "  a token from a survivor" : "  a new token", () -> {
            token[0] = failover.takeOver(tokenTime);
            return "from " + failover.survivor();
        });
        steps.step("  another peer joins", () -> {
            LabNode late = fleet.add(false);
            Duration took = fleet.joinPeer(late, token[0].token(), failover.survivor());
            late.readOverlay();
            report.check("a peer joins after the kill", true, late + " in " + Times.text(took));
            return late + ", start to first ping: " + Times.text(took);
        });
    }

    private void keysAndTokens() {
        LabNode[] follower = new LabNode[1];
        steps.step("6 key rotation of p1, under traffic", () -> {
            follower[0] = follower();
            return new KeyRotation(fleet, report).rotate(fleet.node("p1"), fleet.node("p2"), follower[0]);
        });
        Revocation revocation = new Revocation(fleet, report);
        Fleet.Issued[] token = new Fleet.Issued[1];
        steps.step("7 operations at a follower", () -> {
            token[0] = revocation.operate(follower[0]);
            return "at " + follower[0];
        });
        steps.step("  join with a revoked token", () -> revocation.refuse(token[0], follower[0]));
        steps.step("8 search for private keys", () -> new Secrecy(report).check(fleet.nodes()));
    }

    private LabNode follower() {
        LabNode leader = fleet.leader(fleet.managers().get(0));
        return fleet.managers().stream()
                .filter(node -> node != leader)
                .findFirst()
                .orElse(leader);
    }

    /** The last column of the summary is the fabric's own opinion. */
    private String learnStates() {
        LabNode asked = fleet.managers().get(0);
        Revocation.rows(fleet.ask(asked, "node", "list"))
                .forEach(row -> fleet.nodes().stream()
                        .filter(node -> node.name().equals(row.path("name").asString("")))
                        .forEach(node -> node.setState(row.path("status").asString("unknown"))));
        fleet.nodes().stream()
                .filter(LabNode::wasRestarted)
                .forEach(node -> node.setState(node.state() + ", was killed"));
        LabNode leader = fleet.leader(asked);
        leader.setState(leader.state() + ", leader");
        return leader + " leads, asked " + asked;
    }

    private void end(long start) {
        boolean failed = report.failures() > 0;
        if (failed) {
            keepLogs();
        }
        if (plan.keep()) {
            summarize(start);
            stay();
        }
        console.begin("clean-up");
        long begun = System.nanoTime();
        close();
        List<String> left = network.leftovers();
        report.check("nothing is left behind", left.isEmpty(), left.isEmpty() ? removed() : left.toString());
        console.end(left.isEmpty() ? Console.Mark.OK : Console.Mark.FAILED, Times.since(begun), removed());
        summarize(start);
        if (failed) {
            console.line("The logs of all nodes stay in " + network.logs());
        }
    }

    /** What failed because the user ended the lab is no riddle. */
    private synchronized void keepLogs() {
        network.keepLogs(!interrupted);
    }

    private String removed() {
        LabNetwork.Removal gone = network.remove();
        return gone.namespaces() + " namespaces and " + gone.processes() + " processes removed";
    }

    private void summarize(long start) {
        report.show(console, fleet.nodes().stream().map(LabNode::row).toList(), Times.since(start));
    }

    /** Leaves the lab to the user until he ends this process; then the hook removes it. */
    private void stay() {
        console.line("");
        console.line("The lab stays until you press Ctrl-C (process "
                + ProcessHandle.current().pid() + "). Look around:");
        for (LabNode node : List.of(fleet.managers().get(0), fleet.peers().get(0))) {
            if (node.isAlive()) {
                console.line("  nsenter -t " + node.process().pid() + " -n -m wg show        # as " + node);
            }
        }
        LabNode manager = fleet.managers().get(0);
        if (manager.isAlive()) {
            console.line("  nsenter -t " + manager.process().pid() + " -n -m "
                    + fleet.program().shown() + " status --data " + manager.data());
        }
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ctrl-C, SIGTERM, or a terminal that was closed. */
    private void removeInterrupted() {
        console.mute();
        synchronized (this) {
            interrupted = true;
            network.keepLogs(false);
        }
        console.lastWord("fabric lab: interrupted, removing the lab");
        String gone = removed();
        List<String> left = network.leftovers();
        console.lastWord("fabric lab: " + gone + (left.isEmpty() ? ", nothing is left" : ", but left are " + left));
    }

    /** Removes the lab. Repeatable. */
    @Override
    public void close() {
        network.close();
    }
}
