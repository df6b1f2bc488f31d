package io.wgfabric.javalin.cli;

import io.wgfabric.agent.AtomicFiles;
import io.wgfabric.agent.ControlException;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.core.AuditVerifier;
import io.wgfabric.core.codec.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code fabric audit}. */
@Command(
        name = "audit",
        description = "Who did what, when, and with what outcome: the newest entries of the audit chain.",
        subcommands = AuditCommand.Export.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  fabric audit --limit 20",
            "  fabric audit --after 4711 -o json",
            "  fabric audit --follow",
            "  fabric audit --verify",
            "  fabric audit export audit.jsonl",
            "  fabric audit --verify --file audit.jsonl"
        })
final class AuditCommand implements Callable<Integer> {
    private static final long PAUSE_MILLIS = 1_000;

    /** How often in a row nobody may answer before a follower gives up: each costs 6 s and a growing pause. */
    private static final int PATIENCE = 10;

    @Spec
    private @Nullable CommandSpec spec;

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

    @Option(names = "--follow", description = "Go on with what comes, until interrupted; with -o json, JSON lines.")
    private boolean follow;

    @Option(names = "--verify", description = "Check that all entries fit together; name the first that does not.")
    private boolean verify;

    @Option(names = "--file", paramLabel = "FILE", description = "With --verify: check an export, without the cluster.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
        if (spec != null && ((file != null && !verify) || (verify && follow))) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--file goes with --verify, and --follow without it; see 'fabric audit --help'");
        }
        if (verify) {
            return verify();
        }
        return follow ? follow() : list();
    }

    private int list() throws IOException {
        String query = "?limit=" + limit + (after == null ? "" : "&after=" + after);
        JsonNode entries = managers.call("GET", "/v1/audit" + query, null).path("items");
        printer.print(entries, () -> table(entries, printer.isWide()));
        return 0;
    }

    private int verify() throws IOException {
        AuditTrail trail = new AuditTrail(0);
        if (file == null) {
            trail.readOn(managers, line -> {});
        } else {
            trail.readFile(file, line -> {});
        }
        AuditVerifier verifier = trail.verifier();
        AuditEntry first = verifier.first();
        AuditEntry newest = verifier.newest();
        if (first == null || newest == null) {
            throw new IOException("there is no entry to verify");
        }
        ObjectNode found = Json.mapper()
                .createObjectNode()
                .put("first", first.number())
                .put("last", newest.number())
                .put("hash", newest.hash().hex());
        printer.print(
                found,
                () -> "Entries " + first.number() + " to " + newest.number() + " fit together.\n"
                        + (first.number() == 1
                                ? "They are the whole chain up to then.\n"
                                : "Those before " + first.number()
                                        + " are not among them; older ones live in exports.\n")
                        + "Newest hash  " + newest.hash().hex() + "\n");
        return 0;
    }

    private int follow() throws IOException {
        AuditTrail trail = new AuditTrail(after == null ? newest() : after);
        int failures = 0;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    trail.readOn(managers, this::show);
                    failures = 0;
                } catch (ControlException e) {
                    failures++;
                    if (e.isRefusal() || failures > PATIENCE) {
                        throw e;
                    }
                }
                Thread.sleep(PAUSE_MILLIS * (failures + 1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    /** The number after which following begins: a screen of entries before the end. */
    private long newest() throws IOException {
        JsonNode items = managers.call("GET", "/v1/audit?limit=" + limit, null).path("items");
        return items.isEmpty() ? 0 : items.get(0).path("number").asLong() - 1;
    }

    private void show(AuditTrail.Line line) {
        AuditEntry entry = line.entry();
        printer.out()
                .println(
                        printer.isJson()
                                ? line.json()
                                : entry.number() + "  " + entry.time() + "  "
                                        + entry.actor().id() + "  " + entry.action() + "  " + entry.subject() + "  "
                                        + entry.outcome() + "  " + entry.detail());
        printer.out().flush();
    }

    static String table(JsonNode entries, boolean wide) {
        List<String> fields = List.of("number", "time", "id", "from", "action", "subject", "outcome", "detail");
        List<String> header =
                new ArrayList<>(List.of("NUMBER", "TIME", "ACTOR", "FROM", "ACTION", "SUBJECT", "OUTCOME", "DETAIL"));
        if (wide) {
            header.addAll(List.of("REVISION", "REQUEST"));
        }
        Table table = Table.of(header);
        for (JsonNode entry : entries) {
            JsonNode actor = entry.path("actor");
            List<String> row = new ArrayList<>();
            for (String field : fields) {
                row.add(Cells.text(field.equals("id") || field.equals("from") ? actor : entry, field));
            }
            if (wide) {
                row.addAll(List.of(Cells.text(entry, "revision"), Cells.text(entry, "request")));
            }
            table.row(row);
        }
        return table.toString();
    }

    /** {@code fabric audit export}. */
    @Command(
            name = "export",
            description = "Write all entries that the cluster keeps to a file, as JSON lines; each is verified first.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric audit export audit.jsonl")
    static final class Export implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Parameters(paramLabel = "FILE", description = "Where to; it must not exist yet.")
        private @Nullable Path file;

        @Option(names = "--after", paramLabel = "N", description = "Begin after entry number N.")
        private long after;

        @Override
        public Integer call() throws IOException {
            if (file == null) {
                throw new IllegalStateException("picocli fills this in");
            }
            if (Files.exists(file)) {
                throw new IOException(file + " exists already; name another file");
            }
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            AuditTrail trail = new AuditTrail(after);
            trail.readOn(managers, line -> lines.writeBytes((line.json() + "\n").getBytes(StandardCharsets.UTF_8)));
            AtomicFiles.write(file, lines.toByteArray());
            AuditEntry newest = trail.verifier().newest();
            String said = newest == null
                    ? "There is no such entry; " + file + " is empty."
                    : "Wrote entries up to " + newest.number() + " to " + file + "; newest hash "
                            + newest.hash().hex() + ".";
            printer.out().println(said);
            printer.out().flush();
            return 0;
        }
    }
}
