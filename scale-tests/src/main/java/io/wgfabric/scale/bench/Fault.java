package io.wgfabric.scale.bench;

import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** What is done to a cluster, and what its other members' clients see of it. */
enum Fault {
    /** The process of the leader is killed, {@code kill -9}: its connections are closed by the system. */
    KILL("kill -9 of the leader"),
    /** The process of the leader is stopped, {@code SIGSTOP}: its connections stay open and silent. */
    STOP("SIGSTOP of the leader"),
    /** Everything from and to the leader is dropped. */
    CUT("the leader's link dropped");

    private static final long WATCH_NANOS = 2_500_000_000L;
    private static final long LIMIT_NANOS = 20_000_000_000L;

    private final String text;

    Fault(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }

    /**
     * The longest waits for an append through a member that was not hurt; in milliseconds.
     *
     * @param outage while the leader is away
     * @param comeback from its return until all is well
     */
    record Waits(double outage, double comeback) {}

    Waits strike(LabMembers members) throws InterruptedException {
        int leader = members.leader();
        long begin = System.nanoTime();
        switch (this) {
            case KILL -> members.kill(leader);
            case STOP -> members.pause(leader);
            case CUT -> members.cut(leader);
        }
        watch(members, leader, begin);
        double outage = worstGap(members, leader, begin);
        long back = System.nanoTime();
        switch (this) {
            case KILL -> members.restart(leader);
            case STOP -> members.resume(leader);
            case CUT -> members.mend(leader);
        }
        members.awaitCalm();
        return new Waits(outage, worstGap(members, leader, back));
    }

    /** Until appends go through the others again, and for a while in any case. */
    private static void watch(LabMembers members, int hurt, long begin) {
        while (System.nanoTime() - begin < LIMIT_NANOS) {
            LockSupport.parkNanos(20_000_000);
            boolean served = others(hurt).allMatch(i -> members.log().lastAcknowledged(i) > begin + WATCH_NANOS);
            if (served) {
                return;
            }
        }
    }

    private static double worstGap(LabMembers members, int hurt, long begin) {
        return others(hurt)
                .mapToDouble(i -> members.log().longestGapMillis(i, begin))
                .max()
                .orElse(Double.NaN);
    }

    private static IntStream others(int hurt) {
        return IntStream.range(0, Members.COUNT).filter(i -> i != hurt);
    }

    /**
     * Stops a member for a while; answers whether the leader or the term changed by it.
     *
     * @param ofLeader of the leader, else of a follower
     */
    static boolean pause(LabMembers members, boolean ofLeader, long millis) throws InterruptedException {
        int leader = members.leader();
        long term = members.log().highestTerm();
        int hurt = ofLeader ? leader : (leader + 1) % Members.COUNT;
        members.pause(hurt);
        Thread.sleep(millis);
        members.resume(hurt);
        Thread.sleep(1000);
        return members.leader() != leader || members.log().highestTerm() != term;
    }
}
