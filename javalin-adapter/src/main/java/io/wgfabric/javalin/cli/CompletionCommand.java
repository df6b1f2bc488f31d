package io.wgfabric.javalin.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fabric completion}. */
@Command(
        name = "completion",
        description = "Print a script that lets a shell complete commands and options.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(fabric completion bash)",
            "  fabric completion bash > /etc/bash_completion.d/fabric",
            "  source <(fabric completion zsh)        as a line of ~/.zshrc",
        })
final class CompletionCommand implements Callable<Integer> {

    /** One script does for both: in zsh it turns on what runs scripts of bash. */
    enum Shell {
        BASH,
        ZSH;

        /** As users write it, and shells complete it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "bash|zsh", description = "The shell.")
    @SuppressWarnings("UnusedVariable") // the script finds out which one it is in
    private Shell shell = Shell.BASH;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("picocli fills this in");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(AutoComplete.bash("fabric", spec.root().commandLine()));
        out.flush();
        return 0;
    }
}
