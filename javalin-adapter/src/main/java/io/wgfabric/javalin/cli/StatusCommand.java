package io.wgfabric.javalin.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code fabric status}. */
@Command(name = "status", description = "The cluster at a glance, as whichever manager answers sees it.")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions managers = new ClientOptions();

    @Mixin
    private Printer printer = new Printer();

    @Override
    public Integer call() throws IOException {
        JsonNode status = managers.call("GET", "/v1/status", null);
        printer.print(status, () -> text(status));
        return 0;
    }

    private static String text(JsonNode status) {
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
        Table table = new Table("ID", "NAME", "ROLE", "STATUS", "API");
        for (JsonNode manager : status.path("managers")) {
            table.row(
                    Cells.text(manager, "id"),
                    Cells.text(manager, "name"),
                    Cells.text(manager, "role"),
                    Cells.text(manager, "status"),
                    Cells.text(manager, "api"));
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
