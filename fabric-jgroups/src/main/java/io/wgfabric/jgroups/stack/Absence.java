package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.LogStatus;
import java.util.SortedSet;
import java.util.TreeSet;

/** Why nobody leads, in one line for an operator. */
final class Absence {
    private Absence() {}

    static String of(LogStatus status) {
        int voters = status.voters().size();
        if (voters == 0) {
            return "this manager has not got the log from the others yet, and knows no leader; writes are refused until"
                    + " it does";
        }
        SortedSet<String> missing = new TreeSet<>(status.voters());
        missing.removeAll(status.connected());
        int majority = voters / 2 + 1;
        int wanted = missing.size() - (voters - majority);
        if (wanted <= 0) {
            return "the managers have elected no leader although " + (voters - missing.size()) + " of " + voters
                    + " are connected; writes are refused until they have";
        }
        return "no majority of the managers answers (" + missing.size() + " of " + voters + " unreachable: "
                + String.join(", ", missing) + "); writes are refused until "
                + (wanted == 1 ? "one is" : wanted + " are")
                + " back";
    }
}
