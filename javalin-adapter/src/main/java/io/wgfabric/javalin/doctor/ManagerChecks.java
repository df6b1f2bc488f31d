package io.wgfabric.javalin.doctor;

import static io.wgfabric.javalin.doctor.Finding.failed;
import static io.wgfabric.javalin.doctor.Finding.ok;
import static io.wgfabric.javalin.doctor.Finding.warning;

import io.wgfabric.agent.ControlException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the managers say, each for itself and held against the others. Pure. */
final class ManagerChecks {
    /** Managers' clocks may be so far apart before a token is refused too early. */
    static final Duration CLOCK_NEAR = Duration.ofSeconds(30);

    /** So far apart a certificate that was just made is not valid yet. */
    static final Duration CLOCK_LIMIT = Duration.ofMinutes(5);

    private static final String STATE = "state";
    private static final int DIGEST_SHOWN = 12;

    private ManagerChecks() {}

    /**
     * What one manager was seen to be.
     *
     * @param at where it was asked, {@code HOST:PORT}
     * @param ahead how far its clock is ahead of this machine's, less than zero if it is behind; null if it told no time
     * @param status its answer to {@code /v1/status}; null if it gave none
     * @param trouble why not
     */
    record Sight(
            String at,
            @Nullable Duration ahead,
            @Nullable JsonNode status,
            @Nullable ControlException trouble) {

        String name() {
            String name = status == null ? "" : status.at("/manager/name").asString("");
            return name.isEmpty() ? at : name;
        }

        /** How new its state is. */
        Age age() {
            return status == null
                    ? new Age(0, 0)
                    : new Age(
                            status.path("epoch").asLong(),
                            status.path("revision").asLong());
        }

        String digest() {
            return status == null ? "" : status.path("digest").asString("");
        }
    }

    /** How new a state is. */
    record Age(long epoch, long revision) implements Comparable<Age> {
        @Override
        public int compareTo(Age other) {
            int epochs = Long.compare(epoch, other.epoch);
            return epochs == 0 ? Long.compare(revision, other.revision) : epochs;
        }
    }

    static Finding answers(Sight sight) {
        ControlException trouble = sight.trouble();
        if (trouble == null) {
            return ok("manager", sight.name() + " answers at " + sight.at());
        }
        if (trouble.isRefusal()) {
            return failed("manager", sight.at() + " refuses", String.valueOf(trouble.getMessage()));
        }
        if (trouble.slug().equals("untrusted") && sight.ahead() != null) {
            // Whoever told the time has proved to be one of its managers.
            return failed(
                    "manager",
                    "the certificate of " + sight.at() + " is not valid now, by the clock here",
                    "mend the clock");
        }
        if (trouble.slug().equals("untrusted")) {
            return failed(
                    "manager",
                    sight.at() + " does not prove to be of this cluster",
                    "look who has that port (" + trouble.getMessage() + ")");
        }
        return failed(
                "manager",
                "none answers at " + sight.at(),
                "start it, let the port through, or 'fabric node remove' it");
    }

    static Finding clock(Sight sight) {
        Duration ahead = sight.ahead();
        if (ahead == null) {
            return warning("clock", sight.name() + " tells no time", "compare the clocks by hand, with date");
        }
        Duration apart = ahead.abs();
        if (apart.compareTo(CLOCK_NEAR) < 0) {
            return ok("clock", sight.name() + " has the same time");
        }
        String found =
                "this machine is " + text(apart) + (ahead.isNegative() ? " ahead of " : " behind ") + sight.name();
        return apart.compareTo(CLOCK_LIMIT) < 0
                ? warning("clock", found, "set both by NTP; from 5 minutes on certificates are refused")
                : failed("clock", found, "set both by NTP; certificates are refused from 5 minutes on");
    }

    private static String text(Duration apart) {
        long seconds = apart.toSeconds();
        return seconds < 600 ? seconds + " s" : seconds < 36_000 ? seconds / 60 + " min" : seconds / 3_600 + " h";
    }

    /** Whether those that answer have one leader and one state. */
    static List<Finding> state(List<Sight> sights) {
        List<Sight> answering =
                sights.stream().filter(sight -> sight.status() != null).toList();
        if (answering.isEmpty()) {
            return List.of();
        }
        List<Finding> found = new ArrayList<>();
        if (answering.stream().noneMatch(sight -> knowsLeader(sight.status()))) {
            found.add(failed(
                    STATE,
                    "nobody leads, so nothing is decided",
                    "start more managers, and open 7800/tcp between them"));
        }
        found.addAll(digests(answering));
        return found;
    }

    private static boolean knowsLeader(@Nullable JsonNode status) {
        return status != null && status.path("leader").isObject();
    }

    private static List<Finding> digests(List<Sight> answering) {
        SortedMap<Age, List<Sight>> byAge =
                answering.stream().collect(Collectors.groupingBy(Sight::age, TreeMap::new, Collectors.toList()));
        List<Finding> found = new ArrayList<>();
        for (Map.Entry<Age, List<Sight>> same : byAge.entrySet()) {
            if (same.getValue().stream().map(Sight::digest).distinct().count() > 1) {
                String digests = same.getValue().stream()
                        .map(sight -> sight.name() + " has " + shortened(sight.digest()))
                        .collect(Collectors.joining(", "));
                found.add(failed(
                        STATE,
                        "at revision " + same.getKey().revision() + " " + digests,
                        "replace the one that differs from the others (docs/RUNBOOK.md)"));
            }
        }
        Age newest = byAge.lastKey();
        for (Map.Entry<Age, List<Sight>> same : byAge.headMap(newest).entrySet()) {
            String names = same.getValue().stream().map(Sight::name).collect(Collectors.joining(", "));
            found.add(warning(
                    STATE,
                    names + " is behind, at revision " + same.getKey().revision() + " of " + newest.revision(),
                    "wait; if it gets no nearer, start it again"));
        }
        if (found.isEmpty()) {
            int number = answering.size();
            found.add(ok(
                    STATE,
                    "revision " + newest.revision() + ", digest "
                            + shortened(answering.get(0).digest())
                            + (number == 1 ? " at one manager" : " at " + number + " managers")));
        }
        return found;
    }

    private static String shortened(String digest) {
        return digest.length() > DIGEST_SHOWN ? digest.substring(0, DIGEST_SHOWN) : digest;
    }

    /**
     * What the managers make of the node that lives here.
     *
     * @param row what they say of it
     * @param start the command that starts it
     */
    static Finding standing(JsonNode row, String start) {
        String name = row.path("name").asString("");
        return switch (row.path("status").asString("")) {
            case "online" -> ok("node", name + " is online");
            case "pending" -> warning("node", name + " waits for approval", "fabric node approve " + name);
            case "quarantined" ->
                failed(
                        "node",
                        name + " is in quarantine: " + row.path("cause").asString(""),
                        "when that is settled, fabric node release " + name);
            case "suspect" -> warning("node", name + " has not been heard for a while", "look at its log");
            default -> failed("node", "the managers do not hear " + name, "start it: " + start);
        };
    }
}
