package io.wgfabric.javalin.cli;

import static io.wgfabric.javalin.cli.ClientOptions.encode;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code fabric node}: the members. */
@Command(
        name = "node",
        description = "List the nodes of the cluster and act on them.",
        subcommands = {
            NodeCommand.ListNodes.class,
            NodeCommand.Show.class,
            NodeCommand.Approve.class,
            NodeCommand.Quarantine.class,
            NodeCommand.Release.class,
            NodeCommand.Rotate.class,
            NodeCommand.Hub.class,
            NodeCommand.Routes.class,
            NodeCommand.Remove.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fabric node list                       who is there",
            "  fabric node quarantine web-1 --reason \"laptop lost\"",
        })
final class NodeCommand {

    /** Asks about nodes, or for something to be done to one. */
    abstract static class About implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        JsonNode call(String method, String node, String action, @Nullable Object body) throws IOException {
            return managers.call(method, "/v1/nodes/" + encode(node) + action, body);
        }

        void print(JsonNode value, Supplier<String> table) {
            printer.print(value, table);
        }
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List all nodes.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric node list", "  fabric node list --watch", "  fabric node list -o wide"})
    static final class ListNodes implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Mixin
        private Watching watching = new Watching();

        @Option(names = "--all", description = "Also those that were removed in the last 30 days.")
        private boolean all;

        @Override
        public Integer call() throws IOException {
            return watching.show(
                    printer,
                    () -> managers.list(all ? "/v1/nodes?all=true" : "/v1/nodes"),
                    nodes -> table(nodes, printer.isWide()));
        }
    }

    @Command(
            name = "show",
            description = "Show all that is known of one node.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric node show web-1", "  fabric node show web-1 -o json"})
    static final class Show extends About {
        @Parameters(paramLabel = "NODE", description = "Its id or name.")
        private String node = "";

        @Override
        public Integer call() throws IOException {
            JsonNode found = call("GET", node, "?all=true", null);
            print(found, () -> Yaml.of(found));
            return 0;
        }
    }

    @Command(
            name = "approve",
            description = "Let a node in that waits for approval.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric node approve web-1")
    static final class Approve extends About {
        @Parameters(paramLabel = "NODE", description = "Its id or name.")
        private String node = "";

        @Override
        public Integer call() throws IOException {
            JsonNode row = call("POST", node, "/approve", null);
            print(row, () -> "Node " + name(row) + " is approved.\n");
            return 0;
        }
    }

    @Command(
            name = "quarantine",
            description = "Cut a node off: its key goes from every other node's interface.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric node quarantine web-1 --reason \"laptop lost\"",
                "  fabric node quarantine web-1 --reason \"odd traffic\" --for 2h",
            })
    static final class Quarantine extends About {
        @Parameters(paramLabel = "NODE", description = "Its id or name.")
        private String node = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why, for the others.")
        private String reason = "";

        @Option(
                names = "--for",
                paramLabel = "TIME",
                converter = Times.Parser.class,
                description = "It ends by itself after 90s, 15m, 2h, 7d; only by 'fabric node release' if left out.")
        private @Nullable Duration period;

        @Override
        public Integer call() throws IOException {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("reason", reason);
            if (period != null) {
                body.put("seconds", period.toSeconds());
            }
            JsonNode row = call("POST", node, "/quarantine", body);
            String until =
                    period == null ? "" : " until " + row.path("statusUntil").asString();
            print(row, () -> "Node " + name(row) + " is quarantined" + until + ": " + reason + "\n");
            return 0;
        }
    }

    @Command(
            name = "release",
            description = "End a node's quarantine.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric node release web-1")
    static final class Release extends About {
        @Parameters(paramLabel = "NODE", description = "Its id or name.")
        private String node = "";

        @Override
        public Integer call() throws IOException {
            JsonNode row = call("POST", node, "/release", null);
            print(row, () -> "Node " + name(row) + " is released.\n");
            return 0;
        }
    }

    @Command(
            name = "rotate",
            description = "Give a node new WireGuard keys, without a lost packet.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric node rotate web-1")
    static final class Rotate extends About {
        @Parameters(paramLabel = "NODE", description = "Its id or name.")
        private String node = "";

        @Override
        public Integer call() throws IOException {
            JsonNode row = call("POST", node, "/rotate", null);
            print(
                    row,
                    () -> "The rotation of node " + name(row) + " has begun; 'fabric node show " + name(row)
                            + "' tells its phase.\n");
            return 0;
        }
    }

    @Command(
            name = "hub",
            description = "Let a node forward between nodes that have no tunnel with each other. Managers do so unless"
                    + " they are told not to.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric node hub gw-1", "  fabric node hub m3 --off"})
    static final class Hub extends About {
        @Parameters(paramLabel = "NODE", description = "Its id or name.")
        private String node = "";

        @Option(names = "--off", description = "It shall forward nothing.")
        private boolean off;

        @Override
        public Integer call() throws IOException {
            JsonNode row = call("PUT", node, "/hub", Map.of("hub", !off));
            print(row, () -> "Node " + name(row) + (off ? " is no hub.\n" : " is a hub.\n"));
            return 0;
        }
    }

    @Command(
            name = "routes",
            description =
                    "Show the networks behind a node, or say which of those that it offers the others send to it.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric node routes gw-1",
                "  fabric node routes gw-1 --approve 192.168.7.0/24",
                "  fabric node routes gw-1 --approve none",
            })
    static final class Routes extends About {
        @Parameters(paramLabel = "NODE", description = "Its id or name.")
        private String node = "";

        @Option(
                names = "--approve",
                paramLabel = "NETWORK",
                split = ",",
                description = "These, and no others, from now on; 'none' for none.")
        private @Nullable List<String> approved;

        @Override
        public Integer call() throws IOException {
            JsonNode row = approved == null
                    ? call("GET", node, "", null)
                    : call("PUT", node, "/routes", Map.of("networks", networks(approved)));
            print(row, () -> routes(row));
            return 0;
        }

        private static String routes(JsonNode row) {
            Set<String> used = new HashSet<>();
            row.path("routes").valueStream().forEach(network -> used.add(network.asString()));
            Table table = new Table("NETWORK", "APPROVED");
            for (JsonNode network : row.path("offeredRoutes")) {
                table.row(network.asString(), used.contains(network.asString()) ? "yes" : "no");
            }
            return table.toString();
        }
    }

    /** @param named networks, or {@code none} alone */
    static List<String> networks(List<String> named) {
        return named.equals(List.of("none")) ? List.of() : named;
    }

    @Command(
            name = "remove",
            aliases = "rm",
            description = "Take a node out of the cluster for good.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric node remove web-1", "  fabric node remove web-1 --reason \"disk died\" --yes"})
    static final class Remove extends About {
        @Parameters(paramLabel = "NODE", description = "Its id or name.")
        private String node = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the others.")
        private @Nullable String reason;

        @Mixin
        private Confirmation confirmation = new Confirmation();

        @Override
        public Integer call() throws IOException {
            confirmation.require("Remove node " + node + " for good?");
            JsonNode nothing = call("DELETE", node, reason == null ? "" : "?reason=" + encode(reason), null);
            print(nothing, () -> "Node " + node + " is removed.\n");
            return 0;
        }
    }

    private static String name(JsonNode row) {
        return row.path("name").asString();
    }

    /** What a wide table has besides. */
    private static final List<String> MORE =
            List.of("SINCE", "CAUSE", "VERSION", "BACKEND", "PEERS", "FROM", "APPLIED", "TAGS", "JOINED");

    static String table(JsonNode nodes, boolean wide) {
        Instant now = Instant.now();
        List<String> header =
                new ArrayList<>(List.of("ID", "NAME", "ROLE", "STATUS", "ADDRESSES", "LAST SEEN", "ROTATION"));
        if (wide) {
            header.addAll(MORE);
        }
        Table table = Table.of(header);
        for (JsonNode node : nodes) {
            List<Object> row = new ArrayList<>(List.of(
                    node.path("id").asString(),
                    name(node),
                    node.path("role").asString(),
                    status(node.path("status").asString()),
                    Cells.joined(node.path("addresses")),
                    Times.relative(node.path("lastSeen").asString(""), now),
                    Cells.text(node, "rotation")));
            if (wide) {
                row.addAll(List.of(
                        Times.relative(node.path("statusSince").asString(""), now),
                        Cells.text(node, "cause"),
                        Cells.text(node, "version"),
                        Cells.text(node, "backend"),
                        Cells.text(node, "peers"),
                        Cells.text(node, "from"),
                        Cells.text(node, "applied"),
                        Cells.joined(node.path("tags")),
                        Times.relative(node.path("joined").asString(""), now)));
            }
            table.row(row);
        }
        return table.toString();
    }

    /** In a colour where it asks for somebody's attention, or shows that it needs none. */
    private static Object status(String status) {
        return switch (status) {
            case "online" -> Colour.GREEN.of(status);
            case "suspect", "pending" -> Colour.YELLOW.of(status);
            case "offline", "quarantined" -> Colour.RED.of(status);
            default -> status;
        };
    }
}
