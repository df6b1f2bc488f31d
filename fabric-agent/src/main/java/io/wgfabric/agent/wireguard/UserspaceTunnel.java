package io.wgfabric.agent.wireguard;

import io.wgfabric.api.PublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tunnel through {@code wireguard-go} or another program that speaks its protocol, one process for each interface.
 * The process is in a session of its own and outlives this one; under systemd the unit of the agent therefore needs
 * {@code KillMode=process}. It ends when its interface is removed.
 */
public final class UserspaceTunnel extends LinkTunnel {
    /** Names the program to start, as for {@code wg-quick}. */
    public static final String IMPLEMENTATION_VARIABLE = "WG_QUICK_USERSPACE_IMPLEMENTATION";

    static final String DEFAULT_IMPLEMENTATION = "wireguard-go";

    private static final Pattern VERSION = Pattern.compile(" v[0-9][0-9.]{0,31}$");
    private static final Path SOCKETS = Path.of("/var/run/wireguard");
    private static final int EADDRINUSE = 98;

    /**
     * For a process that starts. A kernel makes one interface at a time, so on a machine where a hundred nodes make theirs
     * at once the last one waits long; to remove what is only slow, and to begin anew, would keep all of them waiting.
     */
    private static final Duration START_WAIT = Duration.ofSeconds(60);

    /** How often it is looked whether the interface of a process that does not answer is still there. */
    private static final Duration LOOK = Duration.ofMillis(500);

    /** For a process that ends. */
    private static final Duration END_WAIT = Duration.ofSeconds(5);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Commands commands;
    private final Links links;
    private final String implementation;

    UserspaceTunnel(
            InterfaceNames names, Set<PublicKey> ownKeys, Commands commands, Links links, String implementation) {
        super(names, commands, links, ownKeys);
        this.commands = commands;
        this.links = links;
        this.implementation = implementation;
    }

    private static Path path(String name) {
        return SOCKETS.resolve(name + ".sock");
    }

    private static UapiSocket socket(String name) {
        return new UapiSocket(path(name), Commands.TIMEOUT);
    }

    @Override
    DeviceState device(String name) {
        if (!socket(name).isServed()) {
            throw new TunnelException("interface " + name + " exists but no WireGuard process serves it at "
                    + path(name) + ": remove it, or give this node another interface name");
        }
        byte[] answer = socket(name).get();
        if (UapiText.errno(answer) != 0) {
            throw new TunnelException("the WireGuard process of " + name + " does not tell its configuration (errno "
                    + UapiText.errno(answer) + ")");
        }
        return UapiText.parse(answer);
    }

    @Override
    void create(String name) {
        // The process of an interface that was just removed takes a moment to end, and takes its socket with it.
        if (!eventually(END_WAIT, () -> !socket(name).isServed())) {
            throw new TunnelException("another process serves " + path(name)
                    + ", perhaps for another network namespace: give this node another interface name");
        }
        removeStaleSocket(name);
        Commands.Output output = commands.run(startCommand(name), new byte[0]);
        if (!output.ok()) {
            throw new TunnelException(implementation + " cannot make interface " + name + ": " + output.reason());
        }
        awaitAnswer(name);
    }

    /**
     * Its socket is there before it is: what the program does not get from the system it misses afterwards, and then it
     * ends and takes the interface along.
     */
    private void awaitAnswer(String name) {
        long deadline = System.nanoTime() + START_WAIT.toNanos();
        while (!eventually(LOOK, () -> answers(name))) {
            if (links.find(name) == null) {
                throw new TunnelException(implementation + " ended as soon as it was started for " + name
                        + ": perhaps its user has no inotify instance left, of which each needs one; see sysctl"
                        + " fs.inotify.max_user_instances");
            }
            if (System.nanoTime() > deadline) {
                links.delete(name);
                throw new TunnelException(
                        implementation + " was started for " + name + " but does not answer at " + path(name));
            }
        }
    }

    private boolean answers(String name) {
        try {
            return socket(name).isServed() && UapiText.errno(socket(name).get()) == 0;
        } catch (TunnelException e) {
            return false;
        }
    }

    /** In a session of its own, so that the signals of a terminal or of a service's group do not reach it. */
    private List<String> startCommand(String name) {
        return Commands.locate("setsid") == null
                ? List.of(implementation, name)
                : List.of("setsid", implementation, name);
    }

    private static void removeStaleSocket(String name) {
        try {
            Files.deleteIfExists(path(name));
        } catch (IOException e) {
            throw new TunnelException("cannot remove the stale socket " + path(name) + ": " + e.getMessage(), e);
        }
    }

    @Override
    void delete(String name) {
        links.delete(name);
        eventually(END_WAIT, () -> !Files.exists(path(name)));
        forget(name);
    }

    @Override
    void forget(String name) {
        if (Files.exists(path(name)) && !socket(name).isServed()) {
            removeStaleSocket(name);
        }
    }

    /** It opens a port of its own choice as soon as it notices; only from then on it reports that it cannot open one. */
    @Override
    void awaitUp(String name) {
        if (!eventually(START_WAIT, () -> device(name).listenPort() != 0)) {
            throw new TunnelException("the WireGuard process of " + name + " opens no UDP port");
        }
    }

    @Override
    boolean bind(String name, int port) {
        int errno = UapiText.errno(socket(name).request(UapiText.listenPort(port)));
        if (errno != 0 && errno != EADDRINUSE) {
            throw new TunnelException("interface " + name + " cannot listen on UDP port " + port + ": errno " + errno);
        }
        return errno == 0;
    }

    @Override
    void reset(String name, Change.SetPrivateKey change) {
        set(name, UapiText.reset(change.key(), change.peers()));
    }

    @Override
    void changePeers(String name, List<Change.PeerChange> changes) {
        set(name, UapiText.peers(changes));
    }

    private static void set(String name, byte[] request) {
        try {
            int errno = UapiText.errno(socket(name).request(request));
            if (errno != 0) {
                throw new TunnelException(
                        "the WireGuard process of " + name + " refuses a configuration (errno " + errno + ")");
            }
        } finally {
            Arrays.fill(request, (byte) 0);
        }
    }

    private static boolean eventually(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    @Override
    public String backend() {
        return implementation + version();
    }

    /** Only of the program that is known to tell: another might take the option for the name of an interface. */
    private String version() {
        if (!Path.of(implementation).endsWith(DEFAULT_IMPLEMENTATION)) {
            return "";
        }
        String said = commands.run(implementation, "--version").text();
        Matcher matcher = VERSION.matcher(said.lines().findFirst().orElse(""));
        return matcher.find() ? matcher.group() : "";
    }
}
