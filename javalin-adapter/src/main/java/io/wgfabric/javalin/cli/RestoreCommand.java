package io.wgfabric.javalin.cli;

import io.wgfabric.api.Revision;
import io.wgfabric.javalin.server.Restore;
import io.wgfabric.javalin.server.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fabric restore}. */
@Command(
        name = "restore",
        description = "Make one new manager out of a backup, when all managers are lost. Everything is verified before"
                + " anything is changed.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fabric restore fabric.backup --backup-key sealing.key --check",
            "  fabric restore fabric.backup --backup-key sealing.key --name m1",
        })
final class RestoreCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Mixin
    private PassphraseOptions passphrase = new PassphraseOptions();

    @Parameters(paramLabel = "FILE", description = "What 'fabric backup' wrote.")
    private @Nullable Path file;

    @Option(
            names = "--backup-key",
            paramLabel = "FILE",
            description = "The file sealing.key of any manager of the cluster that was backed up.")
    private @Nullable Path backupKey;

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            defaultValue = "restored from a backup",
            description = "Why, for the audit chain.")
    private String reason = "";

    @Option(names = "--check", description = "Only verify the backup and say what is in it.")
    private boolean check;

    @Override
    public Integer call() throws IOException {
        if (spec == null || file == null) {
            throw new IllegalStateException("picocli fills this in");
        }
        Restore restore = Restore.verify(file, backupKey, passphrase);
        PrintWriter out = spec.commandLine().getOut();
        Restore.Contents contents = restore.contents();
        out.println("The backup is whole: cluster " + contents.cluster() + ", epoch " + contents.epoch() + ", revision "
                + contents.revision() + ", " + contents.nodes() + " nodes, " + contents.tokens() + " tokens, managers "
                + String.join(", ", contents.managers()) + ".");
        out.println("State digest  " + contents.digest().hex());
        out.flush();
        if (check) {
            return 0;
        }
        Settings settings = options.settings();
        Revision revision = restore.carryOut(
                options.data(),
                settings,
                RecoverCommand.user(),
                reason,
                ServerCommand.environment(spec.commandLine().getErr()).withPassphrase(passphrase));
        out.println();
        out.println("Restored: epoch " + (contents.epoch() + 1) + " begins at revision " + revision + " with manager "
                + settings.name() + " alone. Start it, and let it grow again:");
        out.println();
        out.println("    fabric server run --data " + options.data());
        out.println("    fabric token create --role mgmt --data " + options.data());
        out.println();
        out.println("Peers find it if it is where a manager was before; else, on each: fabric peer run --manager "
                + settings.advertise() + ":" + settings.advertisedPort());
        out.println(
                "What was revoked, quarantined or removed after the backup was made is so no more; look at it now.");
        out.flush();
        return 0;
    }
}
