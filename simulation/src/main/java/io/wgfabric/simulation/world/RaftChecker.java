package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.RaftCore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The safety properties of Raft (dissertation figure 3.2), each seen from outside and as the world goes on. */
final class RaftChecker {
    private record Position(long index, long term) {}

    private record Content(Entry entry, long previousTerm) {}

    private record Ballot(String member, long term) {}

    /** An entry and the term of the leader that first knew it to be committed. */
    private record Committed(Entry entry, long by) {}

    private final Map<Long, String> leaders = new HashMap<>();
    private final Map<Ballot, String> votes = new HashMap<>();
    private final Map<Position, Content> logged = new HashMap<>();
    private final List<Committed> committed = new ArrayList<>();
    private final Map<Long, Long> digests = new HashMap<>();

    /** The founders of a cluster begin with one entry that needs no leader. */
    RaftChecker(Entry founding) {
        committed.add(new Committed(founding, 0));
    }

    /** The highest index that any leader has committed. */
    long highest() {
        return committed.size();
    }

    int elections() {
        return leaders.size();
    }

    Entry committedAt(long index) {
        return committed.get((int) index - 1).entry();
    }

    /** A member votes once in a term, whatever it went through in between. */
    void voted(String member, long term, String candidate) {
        String other = votes.putIfAbsent(new Ballot(member, term), candidate);
        if (other != null && !other.equals(candidate)) {
            throw new Violation(member + " voted for " + other + " and for " + candidate + " in term " + term);
        }
    }

    /** Election safety, and leader completeness: a leader has all that was committed in earlier terms. */
    void leads(String member, RaftCore core) {
        String other = leaders.putIfAbsent(core.term(), member);
        if (other != null) {
            Violation.unless(other.equals(member), "two leaders in term " + core.term() + ": " + other + ", " + member);
        }
        for (long index = core.baseIndex() + 1; index <= highest(); index++) {
            Committed known = committed.get((int) index - 1);
            boolean has = index <= core.lastIndex()
                    && core.termAt(index) == known.entry().term();
            if (!has && known.by() < core.term()) {
                throw new Violation(
                        "leader " + member + " of term " + core.term() + " lacks the committed entry " + index);
            }
        }
    }

    /** Log matching: the same index and term mean the same entry and the same predecessor. */
    void logged(Entry entry, long previousTerm) {
        Content known = logged.putIfAbsent(new Position(entry.index(), entry.term()), new Content(entry, previousTerm));
        if (known != null) {
            if (!same(known.entry(), entry)) {
                throw new Violation("two entries at " + entry.index() + " in term " + entry.term());
            }
            if (known.previousTerm() != previousTerm) {
                throw new Violation("two logs before entry " + entry.index() + " of term " + entry.term());
            }
        }
    }

    /**
     * A change of the voters waits until the last one is committed, and until the leader has committed an entry of its
     * own term (section 4.1 and its correction of 2015).
     */
    void changes(String leader, Entry change, long lastChange, boolean established) {
        if (!established) {
            throw new Violation(leader + " began a change of the voters before it committed in term " + change.term());
        }
        if (lastChange > highest()) {
            throw new Violation(leader + " began a change of the voters at " + change.index() + " while the one at "
                    + lastChange + " is not committed");
        }
    }

    /** A leader commits what a majority of the configuration in force has on disk. */
    void commits(String leader, Entry entry, long term, Configuration inForce, Set<String> holders) {
        int count = 0;
        for (String voter : inForce.voters()) {
            count += holders.contains(voter) ? 1 : 0;
        }
        if (2 * count <= inForce.voters().size()) {
            throw new Violation(leader + " committed entry " + entry.index() + " of term " + entry.term()
                    + " that only " + holders + " of " + inForce + " hold");
        }
        committed.add(new Committed(entry, term));
    }

    /** State-machine safety, at the commit already: one entry for each index, and a leader commits it first. */
    void knowsCommitted(String member, RaftCore core, long from) {
        Violation.unless(
                core.commit() <= highest(),
                member + " has commit index " + core.commit() + ", but nobody committed it");
        for (long index = Math.max(from, core.baseIndex() + 1); index <= core.commit(); index++) {
            if (core.termAt(index) != committedAt(index).term()) {
                throw new Violation(member + " has entry " + index + " of term " + core.termAt(index)
                        + " as committed, but the one of term "
                        + committedAt(index).term() + " is");
            }
        }
    }

    /** What is applied is what was committed, and makes the same of the state everywhere. */
    void applied(String member, long index, byte[] command, long digest) {
        Violation.unless(index <= highest(), member + " applied entry " + index + ", which nobody committed");
        if (!Arrays.equals(command, committedAt(index).data())) {
            throw new Violation(member + " applied another command at " + index + " than was committed");
        }
        Long other = digests.putIfAbsent(index, digest);
        Violation.unless(other == null || other == digest, member + " has another state at " + index);
    }

    void restored(String member, long index, long digest) {
        Long other = digests.get(index);
        Violation.unless(
                index == 0 || (other != null && other == digest),
                member + " got a snapshot at " + index + " with a state that nobody had");
    }

    private static boolean same(Entry one, Entry two) {
        return one.kind() == two.kind()
                && one.origin() == two.origin()
                && one.request() == two.request()
                && (one.data() == two.data() || Arrays.equals(one.data(), two.data()));
    }
}
