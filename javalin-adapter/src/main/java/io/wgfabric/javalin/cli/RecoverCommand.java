package io.wgfabric.javalin.cli;

import io.wgfabric.api.Revision;
import io.wgfabric.javalin.server.Recovery;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fabric server recover}. */
@Command(
        name = "recover",
        description =
                "Go on with this manager alone, when a majority of the managers is lost for good. It keeps all that it"
                        + " has; the others are dropped and can only join anew. Do it on one manager, the one with the"
                        + " highest revision.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fabric server recover                                 say what would be done",
            "  fabric server recover --yes --reason \"two disks died\"",
        })
final class RecoverCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder of the manager (env FABRIC_DATA, else /var/lib/fabric).")
    private @Nullable Path data;

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            defaultValue = "a majority of the managers is lost",
            description = "Why, for the audit chain.")
    private String reason = "";

    @Option(names = "--yes", description = "Do it; without this nothing is changed.")
    private boolean yes;

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("picocli fills this in");
        }
        PrintWriter out = spec.commandLine().getOut();
        Path folder = ClientOptions.dataFolder(data);
        try (Recovery recovery = Recovery.open(
                folder, ServerCommand.environment(spec.commandLine().getErr()))) {
            Recovery.Plan plan = recovery.plan();
            describe(plan, out);
            if (!yes) {
                out.println();
                out.println("Nothing was changed. If those are lost for good, repeat this with --yes.");
                out.flush();
                return 1;
            }
            out.flush();
            Revision revision = recovery.carryOut(user(), reason);
            out.println();
            out.println("Done: epoch " + plan.epoch() + " begins at revision " + revision + " with manager "
                    + plan.survivor() + " alone. Start it, and let it grow again:");
            out.println();
            out.println("    fabric server run --data " + folder);
            out.println("    fabric token create --role mgmt --data " + folder);
            out.flush();
            return 0;
        }
    }

    private static void describe(Recovery.Plan plan, PrintWriter out) {
        out.println("Cluster " + plan.cluster() + " goes on in epoch " + plan.epoch() + " with manager "
                + plan.survivor() + " (" + plan.node() + ") alone, from revision " + plan.revision() + ".");
        out.println(
                plan.dropped().isEmpty()
                        ? "No other manager is dropped."
                        : "Dropped, for good: " + String.join(", ", plan.dropped()) + ".");
        if (!plan.hasVote()) {
            out.println("This manager had no vote: it may lack much that was decided. Look for a better one first.");
        }
        if (plan.begun()) {
            out.println("This recovery was begun before and not finished.");
        }
    }

    /** Who runs this, as the audit chain has it. */
    static String user() {
        String name = System.getProperty("user.name", "");
        String known = name.isBlank() ? "unknown" : name;
        return known.length() <= 64 ? known : known.substring(0, 64);
    }
}
