package io.wgfabric.javalin.cli;

import static io.wgfabric.javalin.cli.ClientOptions.encode;

import io.wgfabric.agent.AtomicFiles;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.javalin.rest.OperatorCreated;
import io.wgfabric.javalin.server.OperatorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code fabric operator}: who operates the fabric. */
@Command(
        name = "operator",
        description = "Make, list and revoke credentials of operators.",
        subcommands = {OperatorCommand.Create.class, OperatorCommand.ListOperators.class, OperatorCommand.Revoke.class},
        footerHeading = "%nExamples:%n",
        footer = "  fabric operator create alice --role operator --out alice.json")
final class OperatorCommand {

    /** Takes {@code viewer}, {@code operator} or {@code admin}. */
    static final class AccessParser implements ITypeConverter<Access> {
        @Override
        public Access convert(String text) {
            try {
                return Access.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    @Command(
            name = "create",
            description = "Make a credential. Its secret is made here and nowhere kept: the managers get a hash of it.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric operator create alice --role operator --out alice.json",
                "  fabric operator create dashboard --role viewer",
            })
    static final class Create implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Parameters(paramLabel = "NAME", description = "Who it is for.")
        private String name = "";

        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                converter = AccessParser.class,
                description = "viewer, operator or admin.")
        private Access access = Access.VIEWER;

        @Option(
                names = "--out",
                paramLabel = "FILE",
                description = "Where the operator's file goes, for its owner alone; printed if left out.")
        private @Nullable Path out;

        @Override
        public Integer call() throws IOException {
            if (out != null && Files.exists(out)) {
                throw new IOException(out + " exists already; name another file");
            }
            OperatorCredential credential = OperatorCredential.generate();
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("id", credential.id());
            body.put("name", name);
            body.put("access", access.text());
            body.put("secretHash", credential.hash());
            OperatorCreated created =
                    Json.mapper().treeToValue(managers.call("POST", "/v1/operators", body), OperatorCreated.class);
            OperatorFile file =
                    new OperatorFile(created.cluster(), created.managers(), created.authority(), credential.reveal());
            ObjectNode shown = JsonNodeFactory.instance.objectNode();
            shown.put("id", created.id().text()).put("name", created.name()).put("access", created.access());
            String what = "Operator " + created.name() + " (" + created.id() + ") has access " + created.access();
            if (out == null) {
                JsonNode contents = Json.mapper().valueToTree(file);
                shown.set("file", contents);
                printer.print(
                        shown,
                        () -> what + ".\nThis is his file, to be named with --context; it cannot be shown again:\n\n"
                                + Json.mapper().writeValueAsString(contents) + "\n");
            } else {
                write(out, file, created);
                shown.put("out", out.toString());
                printer.print(shown, () -> what + ".\nHis file is " + out + ", to be named with --context.\n");
            }
            return 0;
        }

        /** A credential that nobody has shall let nobody in. */
        private void write(Path path, OperatorFile file, OperatorCreated created) throws IOException {
            try {
                AtomicFiles.write(path, Json.mapper().writeValueAsBytes(file));
            } catch (IOException e) {
                var unused = managers.call("DELETE", "/v1/operators/" + created.id(), null);
                throw e;
            }
        }
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the operators.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric operator list")
    static final class ListOperators implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Override
        public Integer call() throws IOException {
            JsonNode operators = managers.list("/v1/operators");
            printer.print(operators, () -> {
                Table table = new Table("ID", "NAME", "ROLE");
                for (JsonNode operator : operators) {
                    table.row(
                            operator.path("id").asString(),
                            operator.path("name").asString(),
                            operator.path("access").asString());
                }
                return table.toString();
            });
            return 0;
        }
    }

    @Command(
            name = "revoke",
            description = "Make an operator's credential good for nothing, on every manager at once.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric operator revoke alice")
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Parameters(paramLabel = "NAME", description = "The operator's name or id.")
        private String name = "";

        @Mixin
        private Confirmation confirmation = new Confirmation();

        @Override
        public Integer call() throws IOException {
            confirmation.require("Revoke the credential of " + name + " for good?");
            JsonNode revoked = managers.call("DELETE", "/v1/operators/" + encode(name), null);
            printer.print(revoked, () -> "Operator " + name + " is revoked.\n");
            return 0;
        }
    }
}
