package io.wgfabric.jgroups.raft;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** The safety properties of Raft (dissertation figure 3.2), checked as the world goes on. */
final class Checker {
    private record Position(long index, long term) {}

    private record Content(Entry entry, long previousTerm) {}

    private final Map<Long, String> leaders = new HashMap<>();
    private final Map<Position, Content> logged = new HashMap<>();
    private final TreeMap<Long, Entry> applied = new TreeMap<>();
    private final Map<Long, Long> digests = new HashMap<>();

    /** Election safety, and leader completeness when a leader is new. */
    void leads(RaftCore core) {
        String other = leaders.putIfAbsent(core.term(), core.self);
        if (other != null) {
            check(other.equals(core.self), "two leaders in term " + core.term() + ": " + other + ", " + core.self);
            return;
        }
        for (Map.Entry<Long, Entry> each :
                applied.tailMap(core.baseIndex(), false).entrySet()) {
            long index = each.getKey();
            check(
                    index <= core.lastIndex()
                            && core.termAt(index) == each.getValue().term(),
                    "leader " + core.self + " of term " + core.term() + " lacks the committed entry " + index);
        }
    }

    /** Log matching: the same index and term mean the same entry, and the same predecessor. */
    void logged(Entry entry, long previousTerm) {
        Content known = logged.putIfAbsent(new Position(entry.index(), entry.term()), new Content(entry, previousTerm));
        if (known != null) {
            check(same(known.entry(), entry), "two entries at " + entry.index() + " in term " + entry.term());
            check(known.previousTerm() == previousTerm, "two logs before entry " + entry.index());
        }
    }

    /** State-machine safety. */
    void applied(Entry entry, long digest) {
        Entry known = applied.putIfAbsent(entry.index(), entry);
        if (known != null) {
            check(
                    same(known, entry) && known.term() == entry.term(),
                    "two members applied different entries at " + entry.index());
        }
        Long other = digests.putIfAbsent(entry.index(), digest);
        check(other == null || other == digest, "the states differ at " + entry.index());
    }

    void restored(long index, long digest) {
        Long other = digests.get(index);
        check(other != null && other == digest, "a snapshot at " + index + " has a state that nobody had");
    }

    /** The highest index that anybody applied. */
    long highest() {
        return applied.isEmpty() ? 0 : applied.lastKey();
    }

    private static boolean same(Entry one, Entry two) {
        return one.kind() == two.kind()
                && one.origin() == two.origin()
                && one.request() == two.request()
                && Arrays.equals(one.data(), two.data());
    }

    static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }

    /** CRC32C of the whole, as a sender of a snapshot gives it. */
    static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
