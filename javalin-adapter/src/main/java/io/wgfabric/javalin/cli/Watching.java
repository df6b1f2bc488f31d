package io.wgfabric.javalin.cli;

import io.wgfabric.agent.ControlException;
import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Shows something once, or again and again as it changes: on a terminal in place, elsewhere below what was shown before.
 * It asks, waits for the answer, and waits a while more before it asks again.
 */
final class Watching {
    private static final long PAUSE_MILLIS = 2_000;

    /** How often in a row nobody may answer before it gives up: each costs 6 s and a growing pause. */
    private static final int PATIENCE = 10;

    /** What changes without anything having happened. */
    private static final List<String> RESTLESS = List.of("lastSeen", "traffic", "raft", "cause");

    /** Erases the screen and goes to its upper left corner (ECMA-48). */
    private static final String CLEAR = "\u001b[H\u001b[2J\u001b[3J";

    @Option(
            names = "--watch",
            description = "Show it again when it changes, until interrupted: in place on a terminal, else below; with"
                    + " -o json, a line each time.")
    private boolean watch;

    /** Asks the managers. */
    interface Question {
        JsonNode ask() throws IOException;
    }

    /** @param table for people */
    int show(Printer printer, Question question, Function<JsonNode, String> table) throws IOException {
        if (!watch) {
            JsonNode answer = question.ask();
            printer.print(answer, () -> table.apply(answer));
            return 0;
        }
        boolean inPlace = Terminal.out() && printer.isTable();
        String shown = null;
        int failures = 0;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                JsonNode answer = question.ask();
                failures = 0;
                String text = text(printer, answer, table);
                String mark = inPlace ? text : mark(answer);
                if (!mark.equals(shown)) {
                    shown = mark;
                    print(printer.out(), inPlace ? CLEAR + text : text);
                }
            } catch (ControlException e) {
                failures++;
                if (!Thread.currentThread().isInterrupted() && (e.isRefusal() || failures > PATIENCE)) {
                    throw e;
                }
            }
            pause(failures);
        }
        return 0;
    }

    private static void print(PrintWriter out, String text) throws IOException {
        out.print(text);
        out.flush();
        if (out.checkError()) {
            throw new IOException("nobody reads what is printed any more");
        }
    }

    private static String text(Printer printer, JsonNode answer, Function<JsonNode, String> table) {
        return printer.isJson()
                ? Json.mapper().writeValueAsString(answer) + "\n"
                : printer.text(answer, () -> table.apply(answer));
    }

    /** Two of them are equal if nothing happened between the answers. */
    static String mark(JsonNode answer) {
        JsonNode copy = answer.deepCopy();
        if (copy instanceof ObjectNode object) {
            var unused = object.remove(RESTLESS);
        }
        for (JsonNode item : copy) {
            if (item instanceof ObjectNode object) {
                var unused = object.remove(RESTLESS);
            }
        }
        return copy.toString();
    }

    private static void pause(int failures) {
        try {
            Thread.sleep(PAUSE_MILLIS * (failures + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
