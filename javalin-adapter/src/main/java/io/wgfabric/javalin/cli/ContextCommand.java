package io.wgfabric.javalin.cli;

import io.wgfabric.javalin.server.OperatorFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code fabric context}: which cluster the other commands are about. */
@Command(
        name = "context",
        description = "Keep the operator's files of several clusters by name, and choose which one commands are about"
                + " where none is named. They are in $FABRIC_HOME, or in ~/.config/fabric.",
        subcommands = {
            ContextCommand.ListContexts.class,
            ContextCommand.Use.class,
            ContextCommand.Add.class,
            ContextCommand.Remove.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fabric context add berlin --file operator.json",
            "  fabric context use berlin",
            "  fabric status --context paris          another one, once",
        })
final class ContextCommand {

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the contexts; a star is beside the one that is used.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric context list -o json")
    static final class ListContexts implements Callable<Integer> {
        @Mixin
        private Printer printer = new Printer();

        @Override
        public Integer call() throws IOException {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            Table table = new Table("USED", "NAME", "CLUSTER", "MANAGERS");
            for (Contexts.Entry entry : Contexts.ofUser().list()) {
                ObjectNode row = all.addObject().put("name", entry.name()).put("current", entry.isCurrent());
                String cluster = "-";
                List<String> managers = List.of();
                try {
                    OperatorFile file = OperatorFile.read(entry.file());
                    cluster = file.cluster().text();
                    managers = file.managers();
                } catch (IOException e) {
                    // One that is damaged is listed, so that it can be removed.
                    row.put("error", e.getMessage());
                }
                row.put("cluster", cluster);
                managers.forEach(row.putArray("managers")::add);
                table.row(
                        entry.isCurrent() ? "*" : "",
                        entry.name(),
                        cluster,
                        managers.isEmpty() ? "-" : String.join(",", managers));
            }
            printer.print(all, table::toString);
            return 0;
        }
    }

    /** Says what was done. */
    abstract static class Doing implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        void say(String line) {
            if (spec == null) {
                throw new IllegalStateException("picocli fills this in");
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println(line);
            out.flush();
        }
    }

    @Command(
            name = "use",
            description = "Let commands be about this one where none is named.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric context use berlin")
    static final class Use extends Doing {
        @Parameters(paramLabel = "NAME", description = "The context.")
        private String name = "";

        @Override
        public Integer call() throws IOException {
            Contexts.ofUser().use(name);
            say("Commands are about " + name + " from now on.");
            return 0;
        }
    }

    @Command(
            name = "add",
            description = "Keep a copy of an operator's file under a name; the first one is used from then on.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric context add berlin --file operator.json")
    static final class Add extends Doing {
        @Parameters(paramLabel = "NAME", description = "What to call it: a-z 0-9 . _ -")
        private String name = "";

        @Option(
                names = "--file",
                required = true,
                paramLabel = "FILE",
                description = "What 'fabric operator create --out' wrote, or the operator.json of the first manager.")
        private Path file = Path.of("operator.json");

        @Override
        public Integer call() throws IOException {
            Contexts contexts = Contexts.ofUser();
            contexts.add(name, file);
            boolean used = contexts.current().filter(name::equals).isPresent();
            say("Context " + name + " is kept"
                    + (used ? ", and used." : "; 'fabric context use " + name + "' uses it."));
            return 0;
        }
    }

    @Command(
            name = "remove",
            aliases = "rm",
            description = "Forget a context, and erase its copy of the operator's file.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric context remove berlin")
    static final class Remove extends Doing {
        @Mixin
        private Confirmation confirmation = new Confirmation();

        @Parameters(paramLabel = "NAME", description = "The context.")
        private String name = "";

        @Override
        public Integer call() throws IOException {
            var unused = Contexts.ofUser().require(name);
            confirmation.require("Erase the credential of context " + name + "?");
            Contexts.ofUser().remove(name);
            say("Context " + name + " is removed.");
            return 0;
        }
    }
}
