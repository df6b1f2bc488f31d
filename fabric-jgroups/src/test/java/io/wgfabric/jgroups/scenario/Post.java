package io.wgfabric.jgroups.scenario;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Every message between members: on its way, held back by the test, or lost because two members are cut off. */
final class Post {
    static final String ANYONE = "*";

    /** What a message is for. */
    enum Kind {
        PRE_VOTE,
        VOTE_REQUEST,
        VOTE,
        /** With or without entries. */
        APPEND,
        ENTRIES,
        ANSWER,
        SNAPSHOT,
        OTHER
    }

    record Parcel(String from, String to, Kind kind, Object content) {}

    private record Rule(String from, String to, Set<Kind> kinds) {
        boolean matches(Parcel parcel) {
            return (from.equals(ANYONE) || from.equals(parcel.from()))
                    && (to.equals(ANYONE) || to.equals(parcel.to()))
                    && (kinds.isEmpty() || kinds.contains(parcel.kind()) || isPartOf(parcel.kind()));
        }

        private boolean isPartOf(Kind kind) {
            return kind == Kind.ENTRIES && kinds.contains(Kind.APPEND);
        }
    }

    private final List<Parcel> air = new ArrayList<>();
    private final List<Parcel> held = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private final Set<List<String>> cuts = new HashSet<>();

    void send(Parcel parcel) {
        if (isCut(parcel.from(), parcel.to())) {
            return;
        }
        if (rules.stream().anyMatch(rule -> rule.matches(parcel))) {
            held.add(parcel);
        } else {
            air.add(parcel);
        }
    }

    /** The oldest message that may be delivered and fits; it is off the air then. */
    @Nullable Parcel next(Predicate<Parcel> fits) {
        for (Iterator<Parcel> each = air.iterator(); each.hasNext(); ) {
            Parcel parcel = each.next();
            if (isCut(parcel.from(), parcel.to())) {
                each.remove();
            } else if (fits.test(parcel)) {
                each.remove();
                return parcel;
            }
        }
        return null;
    }

    /** Holds back messages from now on; of every kind if none is named. */
    void hold(String from, String to, Kind... kinds) {
        rules.add(new Rule(from, to, Set.copyOf(Arrays.asList(kinds))));
    }

    /** Holds back nothing new; what is held stays so. */
    void letPass() {
        rules.clear();
    }

    /** Takes held messages out, in the order in which they were sent. */
    List<Parcel> take(String from, String to, Kind... kinds) {
        Rule rule = new Rule(from, to, Set.copyOf(Arrays.asList(kinds)));
        List<Parcel> taken = new ArrayList<>();
        held.removeIf(parcel -> rule.matches(parcel) && taken.add(parcel));
        return taken;
    }

    void putBack(List<Parcel> parcels) {
        held.addAll(0, parcels);
    }

    /** Loses what is on its way to a member whose connections are gone; what is held may still arrive. */
    void hangUp(String to) {
        air.removeIf(parcel -> parcel.to().equals(to));
    }

    void cut(String from, String to) {
        cuts.add(List.of(from, to));
    }

    void heal() {
        cuts.clear();
    }

    boolean isCut(String from, String to) {
        return cuts.contains(List.of(from, to));
    }
}
