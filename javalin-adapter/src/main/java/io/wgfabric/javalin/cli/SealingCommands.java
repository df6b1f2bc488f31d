package io.wgfabric.javalin.cli;

import io.wgfabric.javalin.server.FabricServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** What is done to the key that the cluster's secrets are sealed under. */
final class SealingCommands {
    private SealingCommands() {}

    @Command(
            name = "passphrase",
            description = "Lock the sealing key of a manager that does not run with a passphrase, or unlock it.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric server passphrase --new-passphrase-file FILE",
                "  fabric server passphrase --passphrase-file OLD --new-passphrase-file NEW",
                "  fabric server passphrase --passphrase-file OLD --remove",
            })
    static final class Passphrase implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "The manager's data folder (env FABRIC_DATA, else /var/lib/fabric).")
        private @Nullable Path data;

        @Mixin
        private PassphraseOptions current = new PassphraseOptions();

        @ArgGroup(multiplicity = "1")
        private Next next = new Next();

        static final class Next {
            @Option(
                    names = "--new-passphrase-file",
                    paramLabel = "FILE",
                    description = "The new passphrase is in its first line.")
            private @Nullable Path file;

            @Option(names = "--remove", description = "Leave the sealing key to the mode of its file alone.")
            @SuppressWarnings("UnusedVariable") // says that there is to be no file
            private boolean remove;
        }

        @Override
        public Integer call() throws IOException {
            if (spec == null) {
                throw new IllegalStateException("picocli fills this in");
            }
            Path folder = ClientOptions.dataFolder(data);
            Path file = next.file;
            FabricServer.relock(folder, current, file == null ? null : PassphraseOptions.readFile(file));
            spec.commandLine()
                    .getOut()
                    .println(
                            file == null
                                    ? "The sealing key is not locked any more; the mode of its file protects it."
                                    : "The sealing key is locked; 'fabric server run' needs the passphrase from now"
                                            + " on.");
            return 0;
        }
    }

    @Command(
            name = "rotate-sealing-key",
            description = "Seal the cluster's secrets under a new key, which the active managers get and nobody else.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric server rotate-sealing-key --context operator.json")
    static final class Rotate implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Override
        public Integer call() throws IOException {
            JsonNode rotated = managers.call("POST", "/v1/sealing-key/rotate", null);
            printer.print(
                    rotated,
                    () -> "The secrets are sealed under a new key, generation " + Cells.text(rotated, "generation")
                            + ", that " + rotated.path("managers").size() + " managers have.\n");
            return 0;
        }
    }
}
