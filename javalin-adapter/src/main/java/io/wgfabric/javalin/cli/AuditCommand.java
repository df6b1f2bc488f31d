package io.wgfabric.javalin.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code fabric audit}. */
@Command(
        name = "audit",
        description = "Who did what, when, and with what outcome: the newest entries of the audit chain.",
        footerHeading = "%nExamples:%n",
        footer = {"  fabric audit --limit 20", "  fabric audit --after 4711 -o json"})
final class AuditCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions managers = new ClientOptions();

    @Mixin
    private Printer printer = new Printer();

    @Option(names = "--after", paramLabel = "N", description = "Begin after entry number N.")
    private @Nullable Long after;

    @Option(
            names = "--limit",
            paramLabel = "M",
            defaultValue = "100",
            description = "At most so many entries, 1 to 1000; 100 if left out.")
    private int limit = 100;

    @Override
    public Integer call() throws IOException {
        String query = "?limit=" + limit + (after == null ? "" : "&after=" + after);
        JsonNode entries = managers.call("GET", "/v1/audit" + query, null).path("items");
        printer.print(entries, () -> table(entries));
        return 0;
    }

    private static String table(JsonNode entries) {
        Table table = new Table("NUMBER", "TIME", "ACTOR", "FROM", "ACTION", "SUBJECT", "OUTCOME", "DETAIL");
        for (JsonNode entry : entries) {
            JsonNode actor = entry.path("actor");
            table.row(
                    Cells.text(entry, "number"),
                    Cells.text(entry, "time"),
                    Cells.text(actor, "id"),
                    Cells.text(actor, "from"),
                    Cells.text(entry, "action"),
                    Cells.text(entry, "subject"),
                    Cells.text(entry, "outcome"),
                    Cells.text(entry, "detail"));
        }
        return table.toString();
    }
}
