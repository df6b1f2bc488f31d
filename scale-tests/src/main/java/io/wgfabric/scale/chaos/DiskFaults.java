package io.wgfabric.scale.chaos;

import io.wgfabric.simulation.netns.LabException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * What a manager does whose disk takes no more: it stops, since it cannot keep its word, and says why and what to do;
 * the others go on; and once the disk is well it comes back with all that it had.
 */
final class DiskFaults {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
    private static final Duration BACK_LIMIT = Duration.ofMinutes(3);
    private static final long WRITES = 20;

    private static final Pattern FULL = message("No space left on device");
    private static final Pattern READ_ONLY = message("Read-only file system|Input/output error");

    private static Pattern message(String cause) {
        return Pattern.compile("fabric: this manager stopped: .*(" + cause + ").*look at the disk.*fabric server run");
    }

    private final Campaign campaign;
    private final ChaosCluster cluster;
    private final Disks disks;

    DiskFaults(Campaign campaign, Disks disks) {
        this.campaign = campaign;
        this.cluster = campaign.cluster;
        this.disks = disks;
    }

    /** @param leader whether it happens to the leader, or to another */
    String full(boolean leader) {
        ManagerHost host = victim(leader);
        int since = host.logLines().size();
        host.note("the disk is full now");
        disks.fill(host);
        stops(host, since, FULL);
        disks.free(host);
        comesBack(host);
        return "full disk of " + (leader ? "the leader " : "a follower ") + host;
    }

    /** As {@link #full}; and what is tried on a disk that is still read-only is refused, and says why. */
    String failing(boolean leader) {
        ManagerHost host = victim(leader);
        int since = host.logLines().size();
        host.note("the disk fails now");
        disks.fail(host);
        stops(host, since, READ_ONLY);
        disks.writable(host, false);
        int before = host.logLines().size();
        host.run();
        int status = host.awaitEnd(STOP_LIMIT);
        boolean said = host.logSince(before).stream().anyMatch(line -> line.contains("Read-only file system"));
        if (status == 0 || !said) {
            campaign.ledger.violation(
                    host + " on a read-only disk ended with status " + status + " and said " + host.logSince(before));
        }
        disks.repair(host);
        comesBack(host);
        return "failing disk of " + (leader ? "the leader " : "a follower ") + host;
    }

    private ManagerHost victim(boolean leader) {
        long deadline = System.nanoTime() + BACK_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            var leading = cluster.leader();
            if (leading.isPresent()) {
                return leader
                        ? leading.get()
                        : cluster.members().stream()
                                .filter(host -> !host.equals(leading.get()))
                                .findFirst()
                                .orElseThrow();
            }
        }
        throw new LabException("nobody leads");
    }

    private void stops(ManagerHost host, int since, Pattern message) {
        int status = host.awaitEnd(STOP_LIMIT);
        List<String> said = host.logSince(since);
        if (status == 0 || said.stream().noneMatch(line -> message.matcher(line).find())) {
            campaign.ledger.violation(host + " ended with status " + status + " and said " + said);
        }
        long before = campaign.ledger.ok.sum();
        long deadline = System.nanoTime() + BACK_LIMIT.toNanos();
        while (campaign.ledger.ok.sum() < before + WRITES) {
            if (System.nanoTime() > deadline) {
                campaign.ledger.violation("the others do not go on without " + host);
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private void comesBack(ManagerHost host) {
        host.run();
        cluster.awaitServing(host, BACK_LIMIT);
    }
}
