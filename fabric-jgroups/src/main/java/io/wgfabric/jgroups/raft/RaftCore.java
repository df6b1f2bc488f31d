package io.wgfabric.jgroups.raft;

import io.wgfabric.jgroups.raft.Effects.Refusal;
import io.wgfabric.jgroups.raft.Effects.Send;
import io.wgfabric.jgroups.raft.Message.AppendRequest;
import io.wgfabric.jgroups.raft.Message.AppendResponse;
import io.wgfabric.jgroups.raft.Message.SnapshotRequest;
import io.wgfabric.jgroups.raft.Message.SnapshotResponse;
import io.wgfabric.jgroups.raft.Message.TimeoutNow;
import io.wgfabric.jgroups.raft.Message.VoteRequest;
import io.wgfabric.jgroups.raft.Message.VoteResponse;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One member's consensus: events and the time in, {@link Effects} out. Not thread-safe; one thread owns term, vote,
 * role and log. The caller carries out all effects of a step before the next one, and stops for good when it cannot.
 *
 * <p>An exception means that a rule would be broken (such as a conflict below the commit index): the member must halt.
 */
public final class RaftCore {

    /** What a member is. A follower that its own configuration does not list is a learner. */
    public enum Role {
        FOLLOWER,
        PRE_CANDIDATE,
        CANDIDATE,
        LEADER
    }

    /** Before the first round of any leader; confirms nothing. */
    private static final long NO_ROUND = 0;

    final String self;
    final Settings settings;
    final EntryLog log;
    final Elections elections;
    final Leading leading;
    final Following following;

    /** Configurations by the index of their entry, the snapshot's (or none) first; the last one is in force. */
    final TreeMap<Long, Configuration> configurations = new TreeMap<>();

    Role role = Role.FOLLOWER;
    long term;
    /** The term at the start of this run; none of up to here was led by it. */
    private final long startTerm;

    @Nullable String vote;

    @Nullable String leader;

    long commit;
    long now;
    SnapshotMeta snapshot;
    long snapshotSize;
    Set<String> connected = new TreeSet<>();
    Effects out = new Effects();

    /** The last index that is on disk here. */
    long persisted;
    /** The last index that was given to the caller to be written. */
    private long handed;
    /** The last committed index that was given to the caller to be applied. */
    private long delivered;

    private long writtenTerm;
    private @Nullable String writtenVote;

    public RaftCore(String self, Settings settings, Jitter jitter, Restored disk) {
        this.self = self;
        this.settings = settings;
        this.log = new EntryLog(disk.baseIndex(), disk.baseTerm(), disk.entries());
        this.term = disk.term();
        this.startTerm = term;
        this.vote = disk.vote();
        this.writtenTerm = term;
        this.writtenVote = vote;
        this.snapshot = disk.snapshot();
        this.snapshotSize = disk.snapshotSize();
        this.persisted = log.lastIndex();
        this.handed = persisted;
        this.delivered = snapshot.index();
        this.commit = Math.max(snapshot.index(), Math.min(disk.commit(), persisted));
        if (log.baseIndex() > snapshot.index() || persisted < snapshot.index()) {
            throw new IllegalStateException("log " + log.baseIndex() + ".." + persisted
                    + " does not reach the snapshot at " + snapshot.index());
        }
        // Latest configuration entry in the log, else the snapshot's (section 4.1): taken from the data alone.
        configurations.put(snapshot.index(), snapshot.configuration());
        for (Entry entry : disk.entries()) {
            if (entry.index() > snapshot.index()) {
                noteConfiguration(entry);
            }
        }
        this.elections = new Elections(this, jitter);
        this.leading = new Leading(this);
        this.following = new Following(this);
    }

    /**
     * Takes events in order, then lets the time pass.
     *
     * @param nowMillis a monotonic time
     */
    public Effects step(long nowMillis, List<Event> events) {
        now = Math.max(now, nowMillis);
        out = new Effects();
        elections.arm();
        for (Event event : events) {
            dispatch(event);
        }
        elections.tick();
        finish();
        return out;
    }

    private void dispatch(Event event) {
        if (event instanceof Event.Received received) {
            receive(received.from(), received.message());
        } else if (event instanceof Event.Propose propose) {
            // Of what an earlier run of this member led nothing is remembered: the command may be in the log, and to
            // refuse
            // it would have it proposed again.
            if (propose.term() > startTerm) {
                leading.propose(propose);
            }
        } else if (event instanceof Event.Persisted done) {
            // A truncation in between has lowered the last index; what was written then does not count.
            persisted = Math.max(persisted, Math.min(done.index(), handed));
        } else if (event instanceof Event.Read read) {
            leading.reads.ask(read);
        } else if (event instanceof Event.Change change) {
            leading.membership.change(change);
        } else if (event instanceof Event.Transfer transfer) {
            leading.transfer.begin(transfer.target());
        } else if (event instanceof Event.Connected hint) {
            connected = new TreeSet<>(hint.members());
            leading.replication.syncPeers();
        } else if (event instanceof Event.SnapshotTaken taken) {
            snapshotTaken(taken);
        } else {
            throw new IllegalArgumentException("unknown event " + event);
        }
    }

    private void receive(String from, Message message) {
        if (message.term() > term) {
            if (message instanceof VoteRequest request) {
                // Section 4.2.3: who hears from a live leader is not moved by candidates, not even in its term.
                if (!request.transfer() && elections.leaseHolds()) {
                    return;
                }
                if (!request.pre()) {
                    becomeFollower(message.term(), null);
                }
            } else if (!(message instanceof VoteResponse response && response.pre() && response.granted())) {
                becomeFollower(message.term(), null);
            }
        } else if (message.term() < term) {
            answerStale(from, message);
            return;
        }
        if (message instanceof AppendRequest request) {
            following.append(from, request);
        } else if (message instanceof AppendResponse response) {
            leading.replication.acknowledged(from, response);
        } else if (message instanceof VoteRequest request) {
            elections.requested(from, request);
        } else if (message instanceof VoteResponse response) {
            elections.answered(from, response);
        } else if (message instanceof SnapshotRequest request) {
            following.snapshotChunk(from, request);
        } else if (message instanceof SnapshotResponse response) {
            leading.replication.chunkAcknowledged(from, response);
        } else if (message instanceof TimeoutNow) {
            elections.timeoutNow();
        }
    }

    /**
     * Whoever speaks in an old term is told the new one; otherwise a member with a high term stays deaf for ever. The
     * answer carries no round: who asked may lead the new term by now, with rounds that begin anew after a restart, and
     * what was said to its predecessor must not confirm its reads (section 6.4).
     */
    private void answerStale(String from, Message message) {
        if (message instanceof VoteRequest request) {
            send(from, new VoteResponse(term, request.pre(), false));
        } else if (message instanceof AppendRequest || message instanceof SnapshotRequest) {
            send(from, new AppendResponse(term, NO_ROUND, false, 0, 0));
        }
    }

    private void finish() {
        if (role == Role.LEADER) {
            leading.finish();
        }
        if (term != writtenTerm || !Objects.equals(vote, writtenVote)) {
            out.hardState(new Effects.HardState(term, vote));
            writtenTerm = term;
            writtenVote = vote;
        }
        if (handed < log.lastIndex()) {
            out.entries(log.range(handed + 1, log.lastIndex()));
            handed = log.lastIndex();
        }
        if (delivered < commit) {
            out.committed().addAll(log.range(delivered + 1, commit));
            delivered = commit;
        }
    }

    void send(String to, Message message) {
        out.messages().add(new Send(to, message));
    }

    void becomeFollower(long newTerm, @Nullable String newLeader) {
        if (newTerm > term) {
            term = newTerm;
            vote = null;
        }
        boolean led = role == Role.LEADER;
        role = Role.FOLLOWER;
        leader = newLeader;
        if (led) {
            leading.stop();
            elections.resetTimer();
        }
    }

    void append(Entry entry) {
        log.append(entry);
        noteConfiguration(entry);
    }

    /** Drops a conflicting suffix, and with it the configurations in it (section 4.1). */
    void truncateFrom(long index) {
        if (index <= commit) {
            throw new IllegalStateException("conflict at index " + index + ", at or below the commit index " + commit
                    + ": this member's data belong to another history of the cluster");
        }
        log.truncateFrom(index);
        configurations.tailMap(index, true).clear();
        persisted = Math.min(persisted, index - 1);
        handed = Math.min(handed, index - 1);
    }

    /** A configuration counts from the moment it is in the log (section 4.1). */
    private void noteConfiguration(Entry entry) {
        if (entry.kind() == Entry.Kind.CONFIGURATION) {
            configurations.put(entry.index(), Configuration.decode(entry.data()));
        }
    }

    /** Makes an installed snapshot the state of this member. */
    void restore(SnapshotMeta meta, byte[] data) {
        boolean keepsLog = log.knows(meta.index()) && log.term(meta.index()) == meta.term();
        if (keepsLog) {
            // Section 5.1, figure 5.3: what follows the snapshot's last entry stays.
            log.compactTo(meta.index());
            configurations.headMap(meta.index(), true).clear();
            persisted = Math.max(persisted, meta.index());
            handed = Math.max(handed, meta.index());
        } else {
            log.reset(meta.index(), meta.term());
            configurations.clear();
            persisted = meta.index();
            handed = meta.index();
        }
        configurations.put(meta.index(), meta.configuration());
        commit = meta.index();
        delivered = meta.index();
        snapshot = meta;
        snapshotSize = data.length;
        out.install(new Effects.Install(meta, data, keepsLog));
    }

    private void snapshotTaken(Event.SnapshotTaken taken) {
        if (taken.meta().index() <= snapshot.index()) {
            return;
        }
        snapshot = taken.meta();
        snapshotSize = taken.size();
        log.compactTo(Math.min(Math.min(taken.keepAfter(), snapshot.index()), persisted));
        Long inForce = configurations.floorKey(snapshot.index());
        if (inForce != null) {
            configurations.headMap(inForce, false).clear();
        }
    }

    void refuse(Event.Propose propose, Refusal reason) {
        out.refused().add(new Effects.Refused(propose, reason));
    }

    void answer(Object token, @Nullable Refusal refusal, long index) {
        out.answers().add(new Effects.Answer(token, refusal, index));
    }

    public Configuration configuration() {
        return configurations.lastEntry().getValue();
    }

    long configurationIndex() {
        return configurations.lastKey();
    }

    public boolean isVoter() {
        return configuration().has(self);
    }

    /**
     * Section 4.2.2: who is being removed campaigns until its removal is known to be committed. It may be the only one
     * that has the entry, and then nobody else could be elected.
     */
    boolean mayCampaign() {
        Long committed = configurations.floorKey(commit);
        long from = committed == null ? configurations.firstKey() : committed;
        for (Configuration configuration : configurations.tailMap(from, true).values()) {
            if (configuration.has(self)) {
                return true;
            }
        }
        return false;
    }

    public Role role() {
        return role;
    }

    public long term() {
        return term;
    }

    public @Nullable String vote() {
        return vote;
    }

    public @Nullable String leader() {
        return leader;
    }

    public long commit() {
        return commit;
    }

    public long lastIndex() {
        return log.lastIndex();
    }

    /** The index before the first entry that is held; entries up to the last index follow. */
    public long baseIndex() {
        return log.baseIndex();
    }

    /** The entry's term; the index is at least {@link #baseIndex()} and at most {@link #lastIndex()}. */
    public long termAt(long index) {
        return log.term(index);
    }

    /** The entry; the index is above {@link #baseIndex()} and at most {@link #lastIndex()}. */
    public Entry entryAt(long index) {
        return log.get(index);
    }

    public SnapshotMeta snapshot() {
        return snapshot;
    }

    /** Whether this leader is sending a snapshot; a newer one would make it start again. */
    public boolean isSendingSnapshot() {
        return role == Role.LEADER && leading.replication.isSendingSnapshot();
    }
}
