package io.wgfabric.scale.bench;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.LabNetwork;
import io.wgfabric.simulation.netns.Shell;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Three members of our log, each on a host of its own in a network of namespaces, and a {@link Probe} on a fourth. */
final class LabMembers {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration GROW_LIMIT = Duration.ofSeconds(60);
    private static final int PEER_PORT = 7800;
    private static final int FRONT_PORT = 7900;
    private static final long FRESH_NANOS = 300_000_000;

    private final LabNetwork network;
    private final String name;
    private final List<LabHost> hosts = new ArrayList<>();
    private final List<String> ports = new ArrayList<>();
    private final List<MemberPlan> plans = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final ProbeLog log;

    private LabMembers(LabNetwork network, String name) {
        this.network = network;
        this.name = name;
        this.log = new ProbeLog(network.logs().resolve(name + "-probe.log"), Members.COUNT);
    }

    /** @param group tells the addresses of several clusters in one network apart */
    static LabMembers start(LabNetwork network, int group, Authority authority, int election, int heartbeat)
            throws IOException {
        LabMembers members = new LabMembers(network, "c" + group);
        List<InetSocketAddress> peers = new ArrayList<>();
        for (int i = 0; i < Members.COUNT; i++) {
            LabHost host = members.add(group, MemberPlan.id(i), i);
            peers.add(new InetSocketAddress(host.address().toString(), PEER_PORT));
            authority.issue(MemberPlan.id(i));
        }
        for (int i = 0; i < Members.COUNT; i++) {
            Path data = network.folder().resolve(members.name).resolve(MemberPlan.id(i));
            InetSocketAddress front =
                    new InetSocketAddress(members.hosts.get(i).address().toString(), FRONT_PORT);
            members.plans.add(new MemberPlan(peers, i, front, data, authority.folder(), election, heartbeat));
            members.processes.add(members.launch(i));
        }
        members.grow(members.add(group, "probe", Members.COUNT));
        return members;
    }

    private LabHost add(int group, String host, int number) {
        LabHost added = network.add(name + host, Address.parse("10.77." + group + "." + (number + 1)));
        hosts.add(added);
        ports.add("v" + network.hosts().size());
        return added;
    }

    private Process launch(int number) {
        MemberPlan plan = plans.get(number);
        List<String> options = List.of("-Xms128m", "-Xmx128m", "-Dbench.stay=true");
        return hosts.get(number)
                .start(
                        Map.of(),
                        network.logs().resolve(name + plan.id() + ".log"),
                        Child.java(options, OurMember.class, plan.arguments()));
    }

    /** The members that are no voters yet become voters, asked for from within the network. */
    private void grow(LabHost prober) {
        List<String> fronts =
                plans.stream().map(plan -> MemberPlan.text(plan.front())).toList();
        Shell.Result grown = prober.run(LIMIT, Map.of(), Child.java(List.of(), Grow.class, fronts));
        if (!grown.ok()) {
            throw new IllegalStateException("the cluster did not grow: " + grown.err());
        }
        prober.start(
                Map.of(),
                network.logs().resolve(name + "-probe.log"),
                Child.java(List.of("-Xmx64m"), Probe.class, fronts));
        awaitCalm();
    }

    /** Makes all members voters; a program, since only the network's own hosts reach it. */
    public static final class Grow {
        private Grow() {}

        /** @param arguments the fronts, the first member's first */
        public static void main(String[] arguments) throws IOException {
            InetSocketAddress first = MemberPlan.address(arguments[0]);
            Child.await("the first member leads", LIMIT, () -> leads(first));
            try (FrontClient client = new FrontClient(first)) {
                for (int i = 1; i < arguments.length; i++) {
                    client.ask(Front.ADD_VOTER, MemberPlan.id(i), GROW_LIMIT);
                }
            }
            System.exit(0);
        }

        private static boolean leads(InetSocketAddress front) {
            try (FrontClient client = new FrontClient(front)) {
                return client.ask(Front.STATUS, "", GROW_LIMIT).startsWith("leader");
            } catch (IOException e) {
                return false;
            }
        }
    }

    ProbeLog log() {
        return log.refresh();
    }

    /** Waits until all agree on who leads, and appends go through each. */
    void awaitCalm() {
        long begin = System.nanoTime();
        Child.await("all members of " + name + " agree", LIMIT, () -> isCalm(begin));
    }

    private boolean isCalm(long since) {
        ProbeLog now = log.refresh();
        String leader = now.seen(0).leader();
        for (int i = 0; i < Members.COUNT; i++) {
            ProbeLog.Seen seen = now.seen(i);
            boolean agrees = seen.leader().equals(leader)
                    && seen.term() == now.highestTerm()
                    && seen.voters() == Members.COUNT
                    && seen.role().equals(MemberPlan.id(i).equals(leader) ? "leader" : "follower");
            long acknowledged = now.lastAcknowledged(i);
            if (!agrees || acknowledged < since || System.nanoTime() - acknowledged > FRESH_NANOS) {
                return false;
            }
        }
        return true;
    }

    /** Who leads, when all agree. */
    int leader() {
        awaitCalm();
        return log.seen(0).leader().charAt(0) - 'a';
    }

    /** As {@code kill -9}; returns when it is gone. */
    void kill(int member) throws InterruptedException {
        processes.get(member).destroyForcibly().waitFor();
    }

    void restart(int member) {
        processes.set(member, launch(member));
    }

    void pause(int member) {
        Shell.require("kill", "-STOP", Long.toString(processes.get(member).pid()));
    }

    void resume(int member) {
        Shell.require("kill", "-CONT", Long.toString(processes.get(member).pid()));
    }

    /** Drops everything from and to a member, silently: its line stays up, but leads nowhere. */
    void cut(int member) {
        Shell.require("ip", "-n", network.id() + "-net", "link", "set", ports.get(member), "nomaster");
    }

    void mend(int member) {
        Shell.require("ip", "-n", network.id() + "-net", "link", "set", ports.get(member), "master", "bridge");
    }
}
