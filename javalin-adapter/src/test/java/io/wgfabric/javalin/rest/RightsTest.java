package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.wgfabric.javalin.rest.Callers.Asked;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Who may do what, on every route that the server's own document has; {@code rights.txt} says what is expected. */
class RightsTest {
    private static final List<String> TABLE = Requests.lines("rights.txt");
    private static final List<String> KINDS =
            Arrays.stream(TABLE.get(0).split(" +")).skip(1).toList();

    @SuppressWarnings("NullAway.Init")
    private static Callers callers;

    @SuppressWarnings("NullAway.Init")
    private static Documented documented;

    @BeforeAll
    static void start() throws Exception {
        callers = new Callers();
        documented = Documented.of(callers.admin());
    }

    @AfterAll
    static void stop() {
        callers.close();
    }

    /** The rows by route, the method and the path with one space between. */
    private static Map<String, List<String>> rows() {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (String line : TABLE.subList(1, TABLE.size())) {
            List<String> words = Arrays.asList(line.split(" +"));
            rows.put(words.get(0) + " " + words.get(1), words.subList(2, words.size()));
        }
        return rows;
    }

    static Stream<String> routes() {
        return rows().keySet().stream();
    }

    @Test
    void everyRouteHasARowAndEveryRowARoute() throws Exception {
        List<String> missing = new ArrayList<>(documented.routes());
        missing.removeAll(rows().keySet());
        for (String route : missing) {
            fail(route + " has no row. If this is who may use it, add to rights.txt:\n"
                    + line(route, callers.ask(route))
                    + "\nand, if it takes a body, a line with one to requests.txt.");
        }
        assertEquals(new TreeSet<>(documented.routes()), new TreeSet<>(rows().keySet()), "rows without a route");
    }

    @Test
    void everyRouteThatTakesABodyHasOneToAskWith() {
        for (String route : documented.routes()) {
            assertEquals(
                    documented.operation(route).has("requestBody"),
                    Requests.hasBody(route),
                    "requests.txt needs a line for a route that takes a body, and for no other: " + route);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("routes")
    void routeAdmits(String route) throws Exception {
        List<String> expected = Objects.requireNonNull(rows().get(route));
        Map<String, Asked> answers = callers.ask(route);

        assertEquals(line(route, expected), line(route, answers));
        JsonNode responses = documented.operation(route).path("responses");
        boolean done = false;
        for (Map.Entry<String, Asked> answer : answers.entrySet()) {
            Asked asked = answer.getValue();
            String who = answer.getKey() + ": ";
            if (asked.status() == 401 || asked.status() == 403) {
                assertEquals(
                        refusal(route, answer.getKey(), asked.status()),
                        asked.reply().slug(),
                        who);
            }
            if (!asked.reply().equals(Callers.STREAM)) {
                assertEquals(List.of(), documented.faults(route, asked.reply()), who);
            }
            done |= asked.status() < 300 && responses.has(String.valueOf(asked.status()));
        }
        assertEquals(true, done, "nobody of the table is answered as the document says; is the request valid?");
    }

    private static String refusal(String route, String kind, int status) {
        if (status == 401) {
            return Problem.UNAUTHENTICATED;
        }
        return switch (kind) {
            case "removed" -> Problem.NODE_REMOVED;
            case "quarantined" -> Problem.NODE_QUARANTINED;
            // Only what is in quarantine can be released.
            case "itself" -> route.endsWith("/release") ? Problem.NODE_QUARANTINED : "not-allowed";
            default -> "not-allowed";
        };
    }

    private static String line(String route, Map<String, Asked> answers) {
        return line(
                route,
                KINDS.stream()
                        .map(kind -> answers.containsKey(kind)
                                ? String.valueOf(answers.get(kind).status())
                                : "?")
                        .toList());
    }

    private static String line(String route, List<String> statuses) {
        String[] parts = route.split(" ", 2);
        StringBuilder line = new StringBuilder(pad(pad(parts[0], 7) + parts[1], 33));
        for (int i = 0; i < KINDS.size(); i++) {
            line.append(pad(
                    i < statuses.size() ? statuses.get(i) : "?", KINDS.get(i).length() + 2));
        }
        return line.toString().strip();
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(1, width - text.length()));
    }
}
