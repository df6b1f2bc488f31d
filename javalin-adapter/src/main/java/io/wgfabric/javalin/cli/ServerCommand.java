package io.wgfabric.javalin.cli;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command.SetMeshPolicy;
import io.wgfabric.api.Limits;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Topology;
import io.wgfabric.core.TokenDesk.Issued;
import io.wgfabric.core.TokenDesk.Wish;
import io.wgfabric.javalin.rest.TokenCreated;
import io.wgfabric.javalin.server.AgentMesh;
import io.wgfabric.javalin.server.Environment;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.Replication;
import io.wgfabric.javalin.server.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fabric server}: a manager on this machine. */
@Command(
        name = "server",
        description = "Run a manager on this machine.",
        subcommands = {
            ServerCommand.Init.class,
            ServerCommand.Join.class,
            ServerCommand.Run.class,
            RecoverCommand.class,
            SealingCommands.Passphrase.class,
            SealingCommands.Rotate.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fabric server init                     found a cluster on this machine",
            "  fabric server join --token TOKEN       add this machine as a manager",
        })
final class ServerCommand {

    private static final Logger LOGGER = System.getLogger(ServerCommand.class.getName());

    /** How long the tokens that {@code init} prints admit. */
    private static final Duration FIRST_TTL = Duration.ofHours(24);

    static Environment environment(PrintWriter err) {
        return new Environment(
                Replication::jgroups,
                new AgentMesh(),
                InstantSource.system(),
                line -> Logs.say(err, java.util.logging.Level.INFO, "", line, null));
    }

    /** Starts a manager, says so, and serves until it is told to stop. */
    abstract static class Serving implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private ServerOptions options = new ServerOptions();

        @Mixin
        private PassphraseOptions passphrase = new PassphraseOptions();

        @Mixin
        private LogOptions log = new LogOptions();

        abstract FabricServer start(ServerOptions given, Environment environment) throws IOException;

        abstract void announce(FabricServer server, ServerOptions given, PrintWriter out);

        @Override
        public Integer call() throws Exception {
            if (spec == null) {
                throw new IllegalStateException("picocli fills this in");
            }
            log.apply();
            PrintWriter out = spec.commandLine().getOut();
            PrintWriter err = spec.commandLine().getErr();
            FabricServer server = start(options, environment(err).withPassphrase(passphrase));
            Thread stop = new Thread(() -> stop(server), "fabric-stop");
            Runtime.getRuntime().addShutdownHook(stop);
            announce(server, options, out);
            out.flush();
            boolean removed = server.awaitStop();
            Throwable halted = server.haltedBy();
            if (removed) {
                failed(err, "this manager was removed from the cluster; its data folder is of no more use");
            } else if (halted != null) {
                failed(
                        err,
                        "this manager stopped: " + OneLine.of(halted)
                                + "; look at the disk and the log above, then 'fabric server run'");
            }
            forget(stop);
            return removed || halted != null ? 1 : 0;
        }

        private static void failed(PrintWriter err, String line) {
            Logs.say(err, java.util.logging.Level.SEVERE, FabricCommand.PREFIX, line, null);
        }

        /** The hook's exit status is that of being told to stop, which did not happen. */
        private static void forget(Thread stop) {
            try {
                Runtime.getRuntime().removeShutdownHook(stop);
            } catch (IllegalStateException e) {
                LOGGER.log(Level.DEBUG, "the process was told to stop, and stops");
            }
        }

        /** Being told to stop is no failure, whatever the JVM makes of the signal. */
        private static void stop(FabricServer server) {
            server.close();
            System.out.flush();
            System.err.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    @Command(
            name = "init",
            description = "Found a cluster with this machine as its first manager, and print how others join.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric server init",
                "  fabric server init --name m1 --advertise m1.example.net",
                "  fabric server init --pool 10.80.0.0/16 --pool6 none --topology hub",
            })
    static final class Init extends Serving {
        @Mixin
        private PoolOptions pools = new PoolOptions();

        @Option(
                names = "--topology",
                paramLabel = "mesh|hub",
                converter = MeshCommand.TopologyParser.class,
                defaultValue = "mesh",
                description = "Who has a tunnel with whom: each with each, or all with the managers; ${DEFAULT-VALUE}"
                        + " if left out, and 'fabric mesh set' changes it.")
        private Topology topology = Topology.MESH;

        @Override
        FabricServer start(ServerOptions given, Environment environment) throws IOException {
            FabricServer server = FabricServer.init(given.data(), given.settings(), pools.pools(), environment);
            if (topology != Topology.MESH) {
                var unused = server.fabric()
                        .submit(
                                Actor.system("init"),
                                new RequestId("init:mesh"),
                                new SetMeshPolicy(new MeshPolicy(topology, null)))
                        .toCompletableFuture()
                        .join()
                        .orThrow();
            }
            return server;
        }

        @Override
        void announce(FabricServer server, ServerOptions given, PrintWriter out) {
            Issued peer = issue(server, Role.PEER, 0);
            Issued manager = issue(server, Role.MGMT, Limits.MANAGERS - 1);
            Settings settings = server.settings();
            out.println("Cluster "
                    + server.fabric().view().cluster().orElseThrow().id() + " is up. Its first manager is "
                    + server.self().name() + " at " + settings.advertise() + ":" + settings.advertisedPort() + ".");
            out.println();
            out.println("Add a peer, any number of them until " + peer.token().expires() + ":");
            out.println();
            out.println("    " + TokenCreated.joinCommand(Role.PEER, peer.text()));
            out.println();
            out.println("Add a manager, up to " + manager.token().uses() + " until "
                    + manager.token().expires() + "; two more let any one fail:");
            out.println();
            out.println("    " + TokenCreated.joinCommand(Role.MGMT, manager.text()));
            out.println();
            out.println("The admin's credential is " + given.data().resolve("operator.json")
                    + "; whoever can read it rules the cluster.");
        }

        private static Issued issue(FabricServer server, Role role, int uses) {
            return server.tokens()
                    .issue(
                            Actor.system("init"),
                            new RequestId(UUID.randomUUID().toString()),
                            new Wish(role, FIRST_TTL, uses, Collections.emptySortedSet(), null, false))
                    .toCompletableFuture()
                    .join();
        }
    }

    @Command(
            name = "join",
            description = "Join a cluster with this machine as one more manager.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric server join --token TOKEN --name m2")
    static final class Join extends Serving {
        @Option(
                names = "--token",
                required = true,
                paramLabel = "TOKEN",
                defaultValue = "${env:FABRIC_TOKEN}",
                description = "What 'fabric token create --role mgmt' printed. In the environment, as FABRIC_TOKEN,"
                        + " it stays out of the list of processes.")
        private String token = "";

        @Override
        FabricServer start(ServerOptions given, Environment environment) throws IOException {
            return FabricServer.join(given.data(), given.settings(), token, environment);
        }

        @Override
        void announce(FabricServer server, ServerOptions given, PrintWriter out) {
            out.println("Manager " + server.self().name() + " has joined cluster "
                    + server.fabric().view().cluster().orElseThrow().id() + " and has a vote.");
        }
    }

    @Command(
            name = "run",
            description = "Start the manager of this machine again; what is left out stays as it was.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric server run --data /srv/fabric", "  fabric server run --log-format json"})
    static final class Run extends Serving {
        @Override
        FabricServer start(ServerOptions given, Environment environment) throws IOException {
            Path data = given.data();
            return FabricServer.run(data, given.changed(FabricServer.settings(data)), environment);
        }

        @Override
        void announce(FabricServer server, ServerOptions given, PrintWriter out) {
            out.println("Manager " + server.self().name() + " serves again, at revision "
                    + server.fabric().view().revision() + ".");
        }
    }
}
