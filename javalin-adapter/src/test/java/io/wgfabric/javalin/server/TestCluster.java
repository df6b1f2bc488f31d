package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Actor;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.TokenDesk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Real managers on loopback, without tunnels, each with a folder below one that the test gives. */
public final class TestCluster implements AutoCloseable {
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();
    private static final int FIRST_PORT = 10_000;
    private static final int LAST_PORT = 32_000;
    private static final int PORT_TRIES = 100;

    /** Held, so that their levels are not forgotten with them. */
    private static final List<Logger> QUIET = List.of(
            Logger.getLogger("io.javalin"), Logger.getLogger("org.eclipse.jetty"), Logger.getLogger("org.jgroups"));

    static {
        QUIET.forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    private final Path root;
    private final List<FabricServer> servers = new ArrayList<>();

    public TestCluster(Path root) {
        this.root = root;
    }

    /** The data folder of a manager. */
    public Path data(String name) {
        return root.resolve(name);
    }

    /** A tunnel is no part of these tests. */
    private static final class NoMesh implements Mesh {
        @Override
        public void check(Settings settings) throws IOException {
            throw new IOException("these managers have no tunnel");
        }

        @Override
        public Running start(NodeStore node, Settings settings) throws IOException {
            throw new IOException("these managers have no tunnel");
        }
    }

    static Environment environment() {
        return environment(Replication::jgroups);
    }

    static Environment environment(Replication replication) {
        return environment(replication, InstantSource.system());
    }

    private static Environment environment(Replication replication, InstantSource clock) {
        // Certificates that live an hour go over to another authority in a second, not in half a minute.
        return new Environment(replication, new NoMesh(), clock, line -> {}).withCertificateLife(Duration.ofHours(1));
    }

    /** With ports that are free now. */
    public static Settings settings(String name) {
        int port = freePort();
        return new Settings(
                name, "127.0.0.1", port, "127.0.0.1", port, freePort(), freePort(), freePort(), 0, "wgf0", false);
    }

    /**
     * A TCP port of loopback that nobody has now and no other caller was given, and that no connection gets by itself
     * while a manager is away: it lies below those that the system gives out.
     */
    public static int freePort() {
        BindException taken = null;
        for (int i = 0; i < PORT_TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            if (!GIVEN.add(port)) {
                continue;
            }
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                taken = e;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new IllegalStateException("no free port in " + PORT_TRIES + " tries", taken);
    }

    static List<Prefix> pools() {
        return List.of(Prefix.parse("10.0.0.0/16"), Prefix.parse("fd00::/64"));
    }

    public FabricServer init(String name) throws IOException {
        return init(name, environment());
    }

    /** One whose clock is another one. */
    public FabricServer init(String name, InstantSource clock) throws IOException {
        return init(name, environment(Replication::jgroups, clock));
    }

    FabricServer init(String name, Environment environment) throws IOException {
        return kept(FabricServer.init(data(name), settings(name), pools(), environment));
    }

    public FabricServer join(String name, String token) throws IOException {
        return join(name, token, environment());
    }

    FabricServer join(String name, String token, Environment environment) throws IOException {
        return kept(FabricServer.join(data(name), settings(name), token, environment));
    }

    FabricServer run(String name) throws IOException {
        return run(name, environment());
    }

    FabricServer run(String name, Environment environment) throws IOException {
        return kept(FabricServer.run(data(name), FabricServer.settings(data(name)), environment));
    }

    private FabricServer kept(FabricServer server) {
        servers.add(server);
        return server;
    }

    /** A token of an hour from this manager. */
    public static String token(FabricServer server, Role role, int uses) {
        return server.tokens()
                .issue(
                        Actor.system("test"),
                        new RequestId(UUID.randomUUID().toString()),
                        new TokenDesk.Wish(role, Duration.ofHours(1), uses, Collections.emptySortedSet(), null, false))
                .toCompletableFuture()
                .join()
                .text();
    }

    @Override
    public void close() {
        servers.forEach(FabricServer::close);
    }
}
