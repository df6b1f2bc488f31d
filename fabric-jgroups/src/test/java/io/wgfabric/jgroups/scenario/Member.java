package io.wgfabric.jgroups.scenario;

import io.wgfabric.jgroups.scenario.Post.Parcel;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One running member. Every method may throw a {@link Crash}: then the process is gone, and what it had written stays.
 */
interface Member {

    /** @param reachable the members on the network, the eldest first; this one too */
    void connect(List<String> reachable);

    void receive(Parcel parcel);

    void tick(long millis);

    /** The leader has not been heard for an election timeout. */
    void doubtLeader();

    /**
     * Attempts one election.
     *
     * @param deliver delivers the electors' messages that fit
     * @param collecting runs after the votes were asked for, before any vote has come
     */
    void campaign(Consumer<Predicate<Parcel>> deliver, Runnable collecting);

    boolean leads();

    long term();

    /** Asks this member, and nobody else, to replicate a command. */
    void propose(Request request);

    /** A linearizable read. */
    void read(Request request, Consumer<List<String>> seen);

    void change(Request request, String member, boolean add);

    /** Takes this member out of the voters, in the way that its users are told to. */
    void leave(Request request);

    /** Takes a snapshot, and drops from the log whatever it contains. */
    void snapshot();

    List<String> applied();

    /** The commands on its disk. */
    Set<String> stored();

    Collection<String> voters();

    /** Kills it just before its n-th change of the disk from now; 0 is the next one. */
    void crashAt(int operation);

    /** Runs once, when it has begun to handle entries but has not written them. */
    void beforeAppend(Runnable what);

    /** As {@code kill -9}. */
    void crash();
}
