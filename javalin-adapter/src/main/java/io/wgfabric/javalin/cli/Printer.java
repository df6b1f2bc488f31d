package io.wgfabric.javalin.cli;

import io.wgfabric.core.codec.Json;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Prints what a command got, for people or for programs. */
final class Printer {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description =
                    "${COMPLETION-CANDIDATES}; table if left out. A wide table has more columns, if there are more.",
            completionCandidates = Names.class)
    private Format format = Format.TABLE;

    /** The formats as users write them. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("table", "wide", "json", "yaml").iterator();
        }
    }

    /** @param table for people; made only if it is wanted */
    void print(JsonNode value, Supplier<String> table) {
        PrintWriter out = out();
        out.print(text(value, table));
        out.flush();
    }

    String text(JsonNode value, Supplier<String> table) {
        return switch (format) {
            case TABLE, WIDE -> table.get();
            case JSON -> Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
            case YAML -> Yaml.of(value);
        };
    }

    /** Whether people read it. */
    boolean isTable() {
        return format == Format.TABLE || format == Format.WIDE;
    }

    /** Whether a table shall have all that is known. */
    boolean isWide() {
        return format == Format.WIDE;
    }

    /** Whether programs read it as JSON. */
    boolean isJson() {
        return format == Format.JSON;
    }

    PrintWriter out() {
        if (spec == null) {
            throw new IllegalStateException("picocli fills this in");
        }
        return spec.commandLine().getOut();
    }
}
