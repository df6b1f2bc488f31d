package io.wgfabric.javalin.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code fabric status}. */
@Command(
        name = "status",
        description = "The cluster at a glance, as whichever manager answers sees it.",
        footerHeading = "%nExamples:%n",
        footer = {"  fabric status", "  fabric status --watch", "  fabric status -o json"})
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions managers = new ClientOptions();

    @Mixin
    private Printer printer = new Printer();

    @Mixin
    private Watching watching = new Watching();

    @Override
    public Integer call() throws IOException {
        return watching.show(
                printer, () -> managers.call("GET", "/v1/status", null), status -> text(status, printer.isWide()));
    }

    static String text(JsonNode status, boolean wide) {
        JsonNode nodes = status.path("nodes");
        StringBuilder out = new StringBuilder();
        line(out, "Cluster", Cells.text(status, "cluster"));
        line(
                out,
                "Answered by",
                Cells.text(status.path("manager"), "name") + ", version " + Cells.text(status, "version"));
        line(out, "Leader", Cells.text(status.path("leader"), "name"));
        line(
                out,
                "Revision",
                Cells.text(status, "revision")
                        + (status.path("stale").asBoolean(false)
                                ? " (stale: no majority of the managers confirmed it)"
                                : ""));
        line(out, "Level", Cells.text(status, "level") + behind(status));
        line(out, "Epoch", Cells.text(status, "epoch"));
        line(out, "Sealing key", "generation " + Cells.text(status, "sealingGeneration"));
        line(out, "Digest", Cells.text(status, "digest"));
        line(out, "Pools", Cells.joined(status.path("pools")));
        line(
                out,
                "Nodes",
                nodes.path("total").asInt() + ": " + nodes.path("online").asInt() + " online, "
                        + nodes.path("suspect").asInt() + " suspect, "
                        + nodes.path("offline").asInt() + " offline, "
                        + nodes.path("pending").asInt() + " pending, "
                        + nodes.path("quarantined").asInt() + " quarantined");
        line(out, "Tokens", Cells.text(status, "tokens"));
        List<String> header = new ArrayList<>(List.of("ID", "NAME", "ROLE", "STATUS", "API"));
        if (wide) {
            JsonNode raft = status.path("raft");
            line(
                    out,
                    "Log",
                    Cells.text(raft, "role") + ", term " + Cells.text(raft, "term") + ", committed "
                            + Cells.text(raft, "committed") + ", applied " + Cells.text(raft, "applied"));
            header.addAll(List.of("VOTE", "SUPPORTS"));
        }
        Table table = Table.of(header);
        for (JsonNode manager : status.path("managers")) {
            List<String> row = new ArrayList<>();
            for (String field : List.of("id", "name", "role", "status", "api")) {
                row.add(Cells.text(manager, field));
            }
            if (wide) {
                boolean votes = status.path("voters")
                        .valueStream()
                        .anyMatch(voter -> voter.asString("").equals(row.get(0)));
                row.addAll(List.of(votes ? "yes" : "no", "level " + Cells.text(manager, "supports")));
            }
            table.row(row);
        }
        return out.append('\n').append(table).toString();
    }

    /** Who keeps the cluster at its level, while others know a higher one. */
    private static String behind(JsonNode status) {
        int highest = 0;
        for (JsonNode manager : status.path("managers")) {
            highest = Math.max(highest, manager.path("supports").asInt());
        }
        List<String> old = new ArrayList<>();
        for (JsonNode manager : status.path("managers")) {
            int supports = manager.path("supports").asInt();
            if (supports < highest) {
                old.add(Cells.text(manager, "name") + " supports " + supports);
            }
        }
        return old.isEmpty() ? "" : " (" + String.join(", ", old) + "; upgrade for level " + highest + ")";
    }

    private static void line(StringBuilder out, String name, String value) {
        out.append(name).append(" ".repeat(14 - name.length())).append(value).append('\n');
    }
}
