package io.wgfabric.javalin.cli;

import io.wgfabric.agent.Agent;
import io.wgfabric.agent.ExitChoice;
import io.wgfabric.agent.Join;
import io.wgfabric.agent.Leave;
import io.wgfabric.agent.LocalStatus;
import io.wgfabric.agent.NodeClients;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Address;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.javalin.server.HostPort;
import io.wgfabric.javalin.server.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fabric peer}: the agent on this machine. */
@Command(
        name = "peer",
        description = "Run this machine as a peer.",
        subcommands = {
            PeerCommand.JoinMesh.class,
            PeerCommand.Run.class,
            PeerCommand.Status.class,
            PeerCommand.Rotate.class,
            PeerCommand.Offer.class,
            PeerCommand.Exit.class,
            PeerCommand.LeaveMesh.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fabric peer join --token TOKEN",
            "  fabric peer status",
        })
final class PeerCommand {

    /** Where the node's files are, and where to print. */
    static final class Place {
        @Spec(Spec.Target.MIXEE)
        private @Nullable CommandSpec spec;

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "The node's folder (env FABRIC_DATA, else /var/lib/fabric).")
        private @Nullable Path data;

        NodeStore store() {
            return new NodeStore(ClientOptions.dataFolder(data));
        }

        PrintWriter out() {
            if (spec == null) {
                throw new IllegalStateException("picocli fills this in");
            }
            return spec.commandLine().getOut();
        }

        /** Runs the agent until it is told to stop or its node is removed. */
        int serve(NodeStore store) throws IOException, InterruptedException {
            return serve(store, List.of());
        }

        /** @param managers whom to ask first; empty for those that the node knows */
        int serve(NodeStore store, List<String> managers) throws IOException, InterruptedException {
            Agent agent = Agent.start(store, managers);
            Thread stop = new Thread(
                    () -> {
                        agent.close();
                        // Being told to stop is no failure, whatever the JVM makes of the signal.
                        Runtime.getRuntime().halt(0);
                    },
                    "fabric-stop");
            Runtime.getRuntime().addShutdownHook(stop);
            String why = agent.awaitRemoval();
            out().println("This node is no longer a member: " + why + ". Its interface is down.");
            out().flush();
            return 0;
        }
    }

    @Command(
            name = "join",
            description = "Join with a token, bring the tunnel up, and keep it as the managers want it.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric peer join --token TOKEN",
                "  fabric peer join --token TOKEN --name web-1 --interface wg7",
            })
    static final class JoinMesh implements Callable<Integer> {
        @Mixin
        private Place place = new Place();

        @Mixin
        private LogOptions log = new LogOptions();

        @Option(
                names = "--token",
                required = true,
                paramLabel = "TOKEN",
                defaultValue = "${env:FABRIC_TOKEN}",
                description = "What 'fabric token create --role peer' printed. In the environment, as FABRIC_TOKEN,"
                        + " it stays out of the list of processes.")
        private String token = "";

        @Option(names = "--name", paramLabel = "NAME", description = "The node's name; the host's if left out.")
        private @Nullable String name;

        @Option(
                names = "--interface",
                paramLabel = "NAME",
                defaultValue = "wgf0",
                description = "The WireGuard interface; ${DEFAULT-VALUE} if left out.")
        private String interfaceName = "wgf0";

        @Option(
                names = "--advertise",
                paramLabel = "HOST",
                description = "Where other nodes reach this one; its own addresses if left out.")
        private @Nullable String advertise;

        @Option(
                names = "--wireguard-port",
                paramLabel = "PORT",
                defaultValue = "51820",
                description = "WireGuard, UDP; ${DEFAULT-VALUE} if left out.")
        private int wireguardPort = 51_820;

        @Option(
                names = "--spare-port",
                paramLabel = "PORT",
                description = "WireGuard while keys rotate, UDP; the one after --wireguard-port if left out.")
        private @Nullable Integer sparePort;

        @Override
        public Integer call() throws IOException, InterruptedException {
            log.apply();
            NodeStore store = place.store();
            int nextPort = wireguardPort == 65_535 ? wireguardPort - 1 : wireguardPort + 1;
            JoinAnswer answer = Join.join(
                    store,
                    new Join.Plan(
                            token,
                            Role.PEER,
                            new NodeName(name == null ? HostName.asNodeName("peer") : name),
                            interfaceName,
                            wireguardPort,
                            sparePort == null ? nextPort : sparePort,
                            advertise,
                            null));
            PrintWriter out = place.out();
            out.println("Joined cluster " + answer.cluster() + " as "
                    + answer.node().name() + " with "
                    + answer.node().addresses().stream().map(Address::toString).collect(Collectors.joining(" and "))
                    + " on " + interfaceName + ".");
            if (answer.node().isPending()) {
                out.println("It waits for approval, and goes on by itself then; an operator runs: fabric node approve "
                        + answer.node().name());
            }
            out.flush();
            return place.serve(store);
        }
    }

    @Command(
            name = "run",
            description = "Start the agent of this machine again; the tunnel comes up without any manager.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric peer run --data /srv/fabric",
                "  fabric peer run --manager m9.example.net   when those that it knows are gone",
            })
    static final class Run implements Callable<Integer> {
        @Mixin
        private Place place = new Place();

        @Mixin
        private LogOptions log = new LogOptions();

        @Option(
                names = "--manager",
                paramLabel = "HOST[:PORT]",
                split = ",",
                defaultValue = "${env:FABRIC_MANAGER}",
                description = "Whom to ask first (env FABRIC_MANAGER, with commas between several); those that it knows"
                        + " if left out. It must prove to be of the cluster all the same.")
        private @Nullable List<String> managers;

        @Override
        public Integer call() throws IOException, InterruptedException {
            log.apply();
            NodeStore store = place.store();
            NodeStore.Identity identity = store.identity();
            place.out().println("Node " + identity.name() + " starts again on " + identity.interfaceName() + ".");
            place.out().flush();
            List<String> named = managers == null ? List.of() : managers;
            return place.serve(
                    store,
                    named.stream()
                            .map(text ->
                                    HostPort.parse(text, Settings.DEFAULT_PORT).toString())
                            .toList());
        }
    }

    @Command(
            name = "status",
            description = "This node and its pairs, as they are on this machine; asks no manager.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric peer status -o json")
    static final class Status implements Callable<Integer> {
        @Mixin
        private Place place = new Place();

        @Mixin
        private Printer printer = new Printer();

        @Override
        public Integer call() throws IOException {
            LocalStatus status = LocalStatus.read(place.store()).withRoundTrips();
            printer.print(Json.mapper().valueToTree(status), () -> text(status, Instant.now(), printer.isWide()));
            return 0;
        }

        static String text(LocalStatus status, Instant now) {
            return text(status, now, false);
        }

        private static String text(LocalStatus status, Instant now, boolean wide) {
            StringBuilder out = new StringBuilder();
            out.append("Node ")
                    .append(status.name())
                    .append(" (")
                    .append(status.node())
                    .append("), role ");
            out.append(status.role().text())
                    .append(", cluster ")
                    .append(status.cluster())
                    .append('\n');
            out.append("Interface ").append(status.interfaceName()).append(status.up() ? " is up" : " is DOWN");
            out.append(" (").append(status.backend()).append("), ");
            out.append(status.addresses().stream().map(Address::toString).collect(Collectors.joining(", ")));
            out.append(", revision ").append(status.revision()).append("\n\n");
            List<String> header =
                    new ArrayList<>(List.of("PEER", "ADDRESS", "PATH", "ENDPOINT", "AGE", "IN/OUT", "RTT"));
            if (wide) {
                header.addAll(List.of("ID", "ROLE", "PLANE", "ADDRESSES"));
            }
            Table table = Table.of(header);
            for (LocalStatus.Peer peer : status.peers()) {
                List<Object> row = new ArrayList<>(List.of(
                        peer.name(),
                        peer.addresses().isEmpty() ? "-" : peer.addresses().get(0),
                        peer.via() == null ? "direct" : "via " + peer.via(),
                        peer.endpoint() == null ? "-" : peer.endpoint(),
                        peer.lastHandshake() == null ? "-" : age(Duration.between(peer.lastHandshake(), now)),
                        Cells.bytes(peer.receivedBytes()) + "/" + Cells.bytes(peer.sentBytes()),
                        peer.roundTripMillis() == null
                                ? "-"
                                : String.format(Locale.ROOT, "%.1fms", peer.roundTripMillis())));
                if (wide) {
                    row.addAll(List.of(
                            peer.node(),
                            peer.role().text(),
                            peer.plane().name().toLowerCase(Locale.ROOT),
                            peer.addresses().stream().map(Address::toString).collect(Collectors.joining(","))));
                }
                table.row(row);
            }
            out.append(table);
            LocalStatus.Exit exit = status.exit();
            if (exit != null) {
                out.append("\nExit node ").append(exit.name() == null ? exit.node() : exit.name());
                out.append(
                        exit.carries().isEmpty()
                                ? " is not reached: nothing leaves for the internet before it is, or 'fabric peer exit off'\n"
                                : " carries "
                                        + exit.carries().stream()
                                                .map(Prefix::toString)
                                                .collect(Collectors.joining(" and "))
                                        + '\n');
            }
            for (String warning : status.warnings()) {
                out.append("\nWARNING: ").append(warning).append('\n');
            }
            return out.toString();
        }

        /** Of the last handshake. */
        private static String age(Duration since) {
            long seconds = Math.max(0, since.toSeconds());
            return seconds < 1000 ? seconds + "s" : seconds < 60_000 ? seconds / 60 + "m" : seconds / 3600 + "h";
        }
    }

    @Command(
            name = "rotate",
            description = "Give this node new WireGuard keys, without losing a packet.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric peer rotate")
    static final class Rotate implements Callable<Integer> {
        @Mixin
        private Place place = new Place();

        @Override
        public Integer call() throws IOException {
            NodeStore store = place.store();
            NodeStore.Identity identity = store.identity();
            NodeClients.of(store).call("POST", "/v1/nodes/" + identity.node() + "/rotate", null, String.class);
            place.out().println("The rotation of " + identity.name() + "'s keys has begun.");
            place.out().flush();
            return 0;
        }
    }

    @Command(
            name = "offer",
            description = "Offer to forward to networks behind this machine. Nothing is sent there before an operator"
                    + " approves it with 'fabric node routes'.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric peer offer 192.168.7.0/24",
                "  fabric peer offer 0.0.0.0/0,::/0       as an exit node to the internet",
                "  fabric peer offer none",
            })
    static final class Offer implements Callable<Integer> {
        @Mixin
        private Place place = new Place();

        @Parameters(
                paramLabel = "NETWORK",
                split = ",",
                description = "These, and no others, from now on; 'none' for none.")
        private List<String> networks = List.of();

        @Override
        public Integer call() throws IOException {
            NodeStore store = place.store();
            NodeStore.Identity identity = store.identity();
            List<String> offered = NodeCommand.networks(networks);
            NodeClients.of(store)
                    .call(
                            "PUT",
                            "/v1/nodes/" + identity.node() + "/offered-routes",
                            Map.of("networks", offered),
                            String.class);
            place.out()
                    .println(
                            offered.isEmpty()
                                    ? identity.name() + " offers no network."
                                    : identity.name() + " offers " + String.join(", ", offered)
                                            + "; an operator approves it: fabric node routes " + identity.name()
                                            + " --approve " + String.join(",", offered));
            place.out().flush();
            return 0;
        }
    }

    @Command(
            name = "exit",
            description =
                    "Send what this machine has no nearer way for through an exit node. While that node is not reached,"
                            + " nothing leaves for the internet by another way.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric peer exit gw-1", "  fabric peer exit off"})
    static final class Exit implements Callable<Integer> {
        @Mixin
        private Place place = new Place();

        @Parameters(
                paramLabel = "NODE",
                description = "The id or name of a node that offers 0.0.0.0/0 or ::/0 and is approved; 'off' for none.")
        private String node = "";

        @Override
        public Integer call() throws IOException {
            NodeStore store = place.store();
            if (node.equals("off")) {
                ExitChoice.none(store);
                place.out().println("This machine uses its own way to the internet.");
            } else {
                place.out()
                        .println("This machine reaches the internet through "
                                + ExitChoice.choose(store, node).name()
                                + ", or not at all; 'fabric peer exit off' ends that.");
            }
            place.out().flush();
            return 0;
        }
    }

    @Command(
            name = "leave",
            description = "Leave the fabric for good: the tunnel goes down and the node's folder is erased.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric peer leave", "  fabric peer leave --yes"})
    static final class LeaveMesh implements Callable<Integer> {
        @Mixin
        private Place place = new Place();

        @Mixin
        private Confirmation confirmation = new Confirmation();

        @Override
        public Integer call() throws IOException {
            NodeStore store = place.store();
            NodeName left = store.identity().name();
            confirmation.require("Leave the cluster and erase " + store.folder() + "?");
            Leave.leave(store);
            place.out().println("Node " + left + " has left.");
            place.out().flush();
            return 0;
        }
    }
}
