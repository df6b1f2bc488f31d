package io.wgfabric.scale.chaos;

import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.Shell;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the network between managers loses and delays. Thread-safe. */
final class Links {
    /** One direction: what {@code to} does not hear of {@code from}. */
    record Cut(ManagerHost from, ManagerHost to) {}

    private static final int LOSS_PERCENT = 8;

    private final Map<LabHost, Set<Cut>> cuts = new HashMap<>();
    private final Set<LabHost> slow = new HashSet<>();
    private final boolean delays;

    /** @param delays whether this kernel can delay packets, as {@link #kernelDelays} says */
    Links(boolean delays) {
        this.delays = delays;
    }

    /** Whether the kernel has netem; without it a slow line is a narrow one, where packets queue. */
    static boolean kernelDelays(LabHost probe) {
        boolean ok = probe.run("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms")
                .ok();
        if (ok) {
            probe.require("tc", "qdisc", "del", "dev", "lo", "root");
        }
        return ok;
    }

    /** To be called once for each machine. */
    static void prepare(LabHost host) {
        host.require("nft", "add table ip chaos; add chain ip chaos in { type filter hook input priority 0 ; }");
    }

    synchronized void cut(List<Cut> more) {
        for (Cut cut : more) {
            cuts.computeIfAbsent(cut.to().host(), host -> new HashSet<>()).add(cut);
        }
        more.stream().map(cut -> cut.to().host()).distinct().forEach(this::apply);
    }

    synchronized void heal(List<Cut> healed) {
        for (Cut cut : healed) {
            cuts.getOrDefault(cut.to().host(), new HashSet<>()).remove(cut);
        }
        healed.stream().map(cut -> cut.to().host()).distinct().forEach(this::apply);
    }

    synchronized void slow(LabHost host, boolean on) {
        if (on) {
            slow.add(host);
        } else {
            slow.remove(host);
        }
        apply(host);
        if (!on) {
            Shell.Result unused = host.run("tc", "qdisc", "del", "dev", "eth0", "root");
        } else if (delays) {
            host.require("tc", "qdisc", "replace", "dev", "eth0", "root", "netem", "delay", "60ms", "40ms");
        } else {
            host.require(
                    "tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", "400kbit", "burst", "16kb",
                    "latency", "400ms");
        }
    }

    /** All of a machine's rules at once, so that there is no moment with half of them. */
    private void apply(LabHost host) {
        StringBuilder rules = new StringBuilder("flush chain ip chaos in");
        for (Cut cut : cuts.getOrDefault(host, Set.of())) {
            rules.append("; add rule ip chaos in ip saddr ")
                    .append(cut.from().host().address())
                    .append(" drop");
        }
        if (slow.contains(host)) {
            rules.append("; add rule ip chaos in numgen random mod 100 < ")
                    .append(LOSS_PERCENT)
                    .append(" drop");
        }
        host.require("nft", rules.toString());
    }
}
