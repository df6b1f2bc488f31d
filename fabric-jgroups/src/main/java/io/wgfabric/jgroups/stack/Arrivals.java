package io.wgfabric.jgroups.stack;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What other members sent to this one as their leader, so that a command that arrives twice is proposed once: the
 * network may repeat a message, and a member repeats one that may have been lost. Thread-safe.
 */
final class Arrivals {
    /** More than a member can have on its way; what is forgotten is older than any wait. */
    static final int REMEMBERED = 1 << 16;

    /** A command, whichever attempt. */
    private record Key(long origin, long number) {}

    /** The newest attempt that came. */
    private static final class Newest {
        long attempt;
        boolean refused;
    }

    /** What to do with what came. */
    enum Verdict {
        PROPOSE,
        REFUSE_AGAIN,
        DROP
    }

    private final Map<Key, Newest> newest = new LinkedHashMap<>();

    synchronized Verdict came(long origin, long attempt) {
        Key key = new Key(origin, Requests.number(attempt));
        Newest one = newest.get(key);
        if (one == null) {
            one = new Newest();
            newest.put(key, one);
            if (newest.size() > REMEMBERED) {
                newest.remove(newest.keySet().iterator().next());
            }
        } else if (attempt == one.attempt && one.refused) {
            return Verdict.REFUSE_AGAIN;
        } else if (attempt <= one.attempt) {
            return Verdict.DROP;
        }
        one.attempt = attempt;
        one.refused = false;
        return Verdict.PROPOSE;
    }

    synchronized void refused(long origin, long attempt) {
        Newest one = newest.get(new Key(origin, Requests.number(attempt)));
        if (one != null && one.attempt == attempt) {
            one.refused = true;
        }
    }
}
