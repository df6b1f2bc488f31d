package io.wgfabric.javalin.cli;

import static io.wgfabric.javalin.cli.ClientOptions.encode;

import io.wgfabric.api.Address;
import io.wgfabric.api.Role;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

/** {@code fabric token}: who may join. */
@Command(
        name = "token",
        description = "Make, list and revoke join tokens.",
        subcommands = {
            TokenCommand.Create.class,
            TokenCommand.ListTokens.class,
            TokenCommand.Show.class,
            TokenCommand.Revoke.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fabric token create --role peer",
            "  fabric token revoke t-0123456789abc",
        })
final class TokenCommand {

    /** Takes {@code peer} or {@code mgmt}. */
    static final class RoleParser implements ITypeConverter<Role> {
        @Override
        public Role convert(String text) {
            try {
                return Role.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Takes the literal of an address. */
    static final class AddressParser implements ITypeConverter<Address> {
        @Override
        public Address convert(String text) {
            try {
                return Address.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Takes a number, or {@code unlimited} for 0. */
    static final class Uses implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (text.equals("unlimited")) {
                return 0;
            }
            try {
                int uses = Integer.parseInt(text);
                if (uses > 0) {
                    return uses;
                }
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is neither a number nor 'unlimited'");
            }
            throw new TypeConversionException("a token has at least one use; for any number say 'unlimited'");
        }
    }

    @Command(
            name = "create",
            description = "Make a join token and print the line to run on the machine that shall join.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric token create --role peer",
                "  fabric token create --role peer --ttl 7d --uses unlimited --tag site=berlin",
                "  fabric token create --role peer --address 100.64.0.10",
                "  fabric token create --role peer --uses 20 --needs-approval",
                "  fabric token create --role peer --not-before 2026-03-01T08:00:00Z",
                "  fabric token create --role mgmt",
            })
    static final class Create implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                converter = RoleParser.class,
                description = "peer or mgmt.")
        private Role role = Role.PEER;

        @Option(
                names = "--ttl",
                paramLabel = "TIME",
                defaultValue = "1h",
                converter = Times.Parser.class,
                description = "How long it admits: 90s, 15m, 1h, 7d; 1h if left out.")
        private Duration ttl = Duration.ofHours(1);

        @Option(
                names = "--uses",
                paramLabel = "N",
                defaultValue = "1",
                converter = Uses.class,
                description = "How many nodes it admits, or 'unlimited'; 1 if left out.")
        private int uses = 1;

        @Option(names = "--tag", paramLabel = "TAG", description = "A tag for the nodes that join with it; repeatable.")
        private List<String> tags = List.of();

        @Option(
                names = "--address",
                paramLabel = "IP",
                converter = AddressParser.class,
                description = "A fixed overlay address for the one node.")
        private @Nullable Address address;

        @Option(names = "--ephemeral", description = "Nodes that join with it go when they have been away for long.")
        private boolean ephemeral;

        @Option(
                names = "--grace",
                paramLabel = "TIME",
                converter = Times.Parser.class,
                description = "How long ephemeral nodes may be away; 5m if left out.")
        private @Nullable Duration grace;

        @Option(
                names = "--not-before",
                paramLabel = "WHEN",
                converter = Times.MomentParser.class,
                description = "From when it admits: 2026-03-01T08:00:00Z; from now on if left out. --ttl counts from"
                        + " then.")
        private @Nullable Instant notBefore;

        @Option(names = "--needs-approval", description = "Nodes that join with it wait for 'fabric node approve'.")
        private boolean needsApproval;

        @Override
        public Integer call() throws IOException {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("role", role.text());
            body.put("ttlSeconds", ttl.toSeconds());
            body.put("uses", uses);
            body.put("tags", tags);
            body.put("ephemeral", ephemeral);
            if (address != null) {
                body.put("address", address);
            }
            if (grace != null) {
                body.put("graceSeconds", grace.toSeconds());
            }
            if (notBefore != null) {
                body.put("notBefore", notBefore);
            }
            if (needsApproval) {
                body.put("needsApproval", true);
            }
            JsonNode token = managers.call("POST", "/v1/tokens", body);
            printer.print(token, () -> text(token));
            return 0;
        }

        private static String text(JsonNode token) {
            int uses = token.path("uses").asInt();
            boolean early = Instant.parse(token.path("notBefore").asString()).isAfter(Instant.now());
            String whom = token.path("role").asString().equals("mgmt") ? "manager" : "peer";
            String number =
                    uses == 0 ? "any number of " + whom + "s" : uses == 1 ? "one " + whom : uses + " " + whom + "s";
            return "Token " + token.path("id").asString() + " admits " + number + " until "
                    + token.path("expires").asString()
                    + (early ? ", from " + token.path("notBefore").asString() + " on" : "")
                    + ".\n"
                    + (token.path("needsApproval").asBoolean()
                            ? "Each node waits until an operator runs: fabric node approve NODE\n"
                            : "")
                    + "Run on the machine that shall join:\n\n    "
                    + token.path("joinCommand").asString() + "\n\n";
        }
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the join tokens, without what admits.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric token list", "  fabric token list -o wide"})
    static final class ListTokens implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Override
        public Integer call() throws IOException {
            JsonNode tokens = managers.list("/v1/tokens");
            printer.print(tokens, () -> table(tokens, printer.isWide()));
            return 0;
        }
    }

    @Command(
            name = "show",
            description = "Show one token and which nodes joined with it.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric token show t-0123456789abc")
    static final class Show implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Parameters(paramLabel = "ID", description = "The token's id.")
        private String id = "";

        @Override
        public Integer call() throws IOException {
            JsonNode token = managers.call("GET", "/v1/tokens/" + encode(id), null);
            printer.print(token, () -> Yaml.of(token));
            return 0;
        }
    }

    @Command(
            name = "revoke",
            description = "Make a token admit nobody any more.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric token revoke t-0123456789abc --cascade")
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Parameters(paramLabel = "ID", description = "The token's id.")
        private String id = "";

        @Option(names = "--cascade", description = "Also quarantine the nodes that joined with it.")
        private boolean cascade;

        @Mixin
        private Confirmation confirmation = new Confirmation();

        @Override
        public Integer call() throws IOException {
            if (cascade) {
                confirmation.require("Revoke token " + id + ", and cut off all nodes that joined with it?");
            }
            JsonNode token = managers.call("DELETE", "/v1/tokens/" + encode(id) + "?cascade=" + cascade, null);
            printer.print(
                    token,
                    () -> "Token " + token.path("id").asString() + " is revoked"
                            + (cascade ? ", and the nodes that joined with it are quarantined" : "") + ".\n");
            return 0;
        }
    }

    /** What a wide table has besides. */
    private static final List<String> MORE = List.of("CREATED", "NOT BEFORE", "ADDRESS", "EPHEMERAL", "APPROVAL");

    static String table(JsonNode tokens, boolean wide) {
        Instant now = Instant.now();
        List<String> header = new ArrayList<>(List.of("ID", "ROLE", "STATE", "USES", "EXPIRES", "TAGS", "NODES"));
        if (wide) {
            header.addAll(MORE);
        }
        Table table = Table.of(header);
        for (JsonNode token : tokens) {
            int uses = token.path("uses").asInt();
            List<Object> row = new ArrayList<>(List.of(
                    token.path("id").asString(),
                    token.path("role").asString(),
                    token.path("state").asString(),
                    token.path("used").asInt() + "/" + (uses == 0 ? "unlimited" : uses),
                    Times.relative(token.path("expires").asString(), now),
                    Cells.joined(token.path("tags")),
                    token.path("nodes").size()));
            if (wide) {
                row.addAll(List.of(
                        Times.relative(token.path("created").asString(""), now),
                        Times.relative(token.path("notBefore").asString(""), now),
                        Cells.text(token, "address"),
                        token.path("ephemeral").asBoolean() ? "yes" : "no",
                        token.path("needsApproval").asBoolean() ? "needed" : "no"));
            }
            table.row(row);
        }
        return table.toString();
    }
}
