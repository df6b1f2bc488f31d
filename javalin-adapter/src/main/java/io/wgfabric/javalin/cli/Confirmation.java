package io.wgfabric.javalin.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Asks before something is lost for good. Only a person at a terminal is asked: a script, which nobody could answer, goes
 * on, and whoever is sure says {@code --yes}.
 */
final class Confirmation {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask. Nobody is asked either where there is no terminal.")
    private boolean yes;

    boolean isGiven() {
        return yes;
    }

    /** @throws IOException if somebody was asked, and did not say yes */
    void require(String question) throws IOException {
        if (yes || !Terminal.canAsk()) {
            return;
        }
        if (spec == null) {
            throw new IllegalStateException("picocli fills this in");
        }
        PrintWriter err = spec.commandLine().getErr();
        err.print(question + " [y/N] ");
        err.flush();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = in.readLine();
        String answer = line == null ? "" : line.strip().toLowerCase(Locale.ROOT);
        if (!answer.equals("y") && !answer.equals("yes")) {
            throw new IOException("nothing was changed");
        }
    }
}
