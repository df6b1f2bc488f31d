package io.wgfabric.scale.bench;

import java.util.List;

/**
 * Commits per second of three members: our log, jgroups-raft as published, etcd. All sync to disk before they
 * acknowledge and speak mutual TLS between members; the client is another process, connected to the leader over
 * plaintext loopback, with values of 128 bytes, 1 and 64 in flight.
 *
 * <p>What differs: the first two have the same small TCP front and keep a counter; etcd has gRPC, is asked through
 * jetcd, and keeps a multi-version store. The systems run side by side and are measured in turn, 2 s each, so that what
 * else the machine does hits all of them; the ratios are of the same round.
 */
public final class Commits {
    private static final String STOCK = "jgroups-raft";
    private static final String ETCD = "etcd";

    private Commits() {}

    /** All that was measured. */
    record Result(String machine, String etcd, int seconds, List<SideBySide.Figure> figures) {}

    /** {@code -Dbench.rounds=}, {@code -Dbench.seconds=} and {@code -Dbench.warmup=} (seconds) change the length. */
    public static void main(String[] arguments) throws Exception {
        EtcdMembers.provide();
        int seconds = Run.number("seconds", 10);
        try (Run run = Run.begin("commits")) {
            Authority authority = new Authority(run.folder().resolve("keys"));
            try (Members ours = Members.start(run.folder().resolve("ours"), authority, OurMember.class, true);
                    Members stock = Members.start(run.folder().resolve("stock"), authority, StockMember.class, false);
                    EtcdMembers etcd = EtcdMembers.start(run.folder().resolve("etcd"), authority);
                    SideBySide systems = new SideBySide(run, List.of(1, 64))) {
                systems.connect("ours", "front", MemberPlan.text(ours.leader()));
                systems.connect(STOCK, "front", MemberPlan.text(stock.leader()));
                systems.connect(ETCD, "etcd", MemberPlan.text(etcd.client(etcd.leader())));
                systems.measure(Run.number("rounds", 5), seconds, Run.number("warmup", 10));
                Run.say("%n%s", systems.table("commits", List.of(STOCK, ETCD)));
                Run.say(
                        "Medians over rounds of %d s, in slices of 2 s taken in turn; the ratios are medians of the rounds'"
                                + " ratios. Synced to disk, mutual TLS between members, plaintext loopback to the client."
                                + " %s",
                        seconds, run.machine());
                run.write(new Result(run.machine(), EtcdMembers.version(), seconds, systems.figures()));
            }
        }
    }
}
