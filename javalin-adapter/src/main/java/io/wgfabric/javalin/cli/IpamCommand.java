package io.wgfabric.javalin.cli;

import static io.wgfabric.javalin.cli.ClientOptions.encode;

import io.wgfabric.api.Address;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code fabric ipam}: the address pools. */
@Command(
        name = "ipam",
        description = "List the address pools and what their addresses are used for, and change that.",
        subcommands = {
            IpamCommand.ListAddresses.class,
            IpamCommand.Reserve.class,
            IpamCommand.Release.class,
            IpamCommand.AddPool.class
        },
        footerHeading = "%nExamples:%n",
        footer = {"  fabric ipam list", "  fabric ipam reserve 100.64.0.9 --for db-1"})
final class IpamCommand {

    /** Asks about addresses. */
    abstract static class About implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        JsonNode list(String what) throws IOException {
            return managers.list("/v1/ipam/" + what);
        }

        JsonNode call(String method, String what, @Nullable Object body) throws IOException {
            return managers.call(method, "/v1/ipam/" + what, body);
        }

        void print(JsonNode value, Supplier<String> table) {
            printer.print(value, table);
        }
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the pools, the addresses in use, and when those that came back are free again.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric ipam list -o json")
    static final class ListAddresses extends About {
        @Override
        public Integer call() throws IOException {
            ObjectNode all = JsonNodeFactory.instance.objectNode();
            all.set("pools", list("pools"));
            all.set("addresses", list("addresses"));
            print(all, () -> table(all));
            return 0;
        }

        private static String table(JsonNode all) {
            Table pools = new Table("POOL", "SIZE", "LEASED", "RESERVED", "RESTING");
            for (JsonNode pool : all.path("pools")) {
                pools.row(
                        pool.path("pool").asString(),
                        pool.path("size").asString(),
                        pool.path("leased").asString(),
                        pool.path("reserved").asString(),
                        pool.path("resting").asString());
            }
            Instant now = Instant.now();
            Table addresses = new Table("ADDRESS", "STATE", "NODE", "FOR", "FREE");
            for (JsonNode row : all.path("addresses")) {
                addresses.row(
                        row.path("address").asString(),
                        row.path("state").asString(),
                        Cells.text(row, "name"),
                        row.path("reservedFor").isString() ? Cells.text(row, "reservedFor") : Cells.text(row, "token"),
                        Times.relative(row.path("usableFrom").asString(""), now));
            }
            return pools + "\n" + addresses;
        }
    }

    @Command(
            name = "reserve",
            description = "Keep an address for one node: the one that has it, or the next of that name to join.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric ipam reserve 100.64.0.9 --for db-1")
    static final class Reserve extends About {
        @Parameters(
                paramLabel = "IP",
                converter = TokenCommand.AddressParser.class,
                description = "An address of a pool.")
        private Address address = Address.parse("0.0.0.0");

        @Option(names = "--for", required = true, paramLabel = "NAME", description = "The node's name.")
        private String name = "";

        @Override
        public Integer call() throws IOException {
            NodeName node = new NodeName(name);
            JsonNode row = call("POST", "reservations", Map.of("address", address.toString(), "name", node.text()));
            print(row, () -> "Address " + address + " is reserved for node " + node + ".\n");
            return 0;
        }
    }

    @Command(
            name = "release",
            description = "Drop an address's reservation; if it has none, end its rest before its time.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric ipam release 100.64.0.9")
    static final class Release extends About {
        @Parameters(
                paramLabel = "IP",
                converter = TokenCommand.AddressParser.class,
                description = "An address of a pool.")
        private Address address = Address.parse("0.0.0.0");

        @Override
        public Integer call() throws IOException {
            JsonNode row = call("DELETE", "addresses/" + encode(address.toString()), null);
            print(row, () -> "Address " + address + " is released; it is " + Cells.text(row, "state") + " now.\n");
            return 0;
        }
    }

    @Command(
            name = "add-pool",
            description = "Let nodes have addresses of one more prefix, once those before it are used up.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric ipam add-pool 100.65.0.0/16")
    static final class AddPool extends About {
        @Parameters(
                paramLabel = "CIDR",
                converter = PoolOptions.PrefixParser.class,
                description = "Of 10/8, 172.16/12, 192.168/16, 100.64/10 or fd00::/8; it overlaps with no other.")
        private @Nullable Prefix pool;

        @Override
        public Integer call() throws IOException {
            JsonNode added = call("POST", "pools", Map.of("pool", String.valueOf(pool)));
            print(
                    added,
                    () -> "Pool " + pool + " is added; it has "
                            + added.path("size").asString() + " addresses.\n");
            return 0;
        }
    }
}
