package io.wgfabric.agent.wireguard;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Hears of every change of some interfaces, their addresses and routes, from {@code ip monitor}: so nobody has to start
 * programs to find that nothing has changed. The monitor ends with this process, however that ends. Not thread-safe.
 */
final class LinkWatch {
    /** What {@link #mark} answers while it is not sure to hear. */
    static final long DEAF = -1;

    private static final Logger LOGGER = System.getLogger(LinkWatch.class.getName());

    /** Standard input comes to its end with this process, which alone would never end a monitor that has nothing to say. */
    private static final String MONITOR = "ip monitor link address route & monitor=$!; read -r _; kill \"$monitor\"";

    private static final int NETLINK_PORT = 2;
    private static final int NETLINK_GROUPS = 3;

    private final Commands commands;
    private final List<String> names;
    private final AtomicLong heard = new AtomicLong();
    private @Nullable Process process;
    private boolean subscribed;

    LinkWatch(Commands commands, List<String> names) {
        this.commands = commands;
        this.names = List.copyOf(names);
    }

    /**
     * A number that is another one after each change, some milliseconds later. Begins to hear if it does not.
     *
     * @return {@link #DEAF} if something may have changed unheard
     */
    long mark() {
        Process current = process;
        if (current == null || !current.isAlive()) {
            start();
            return DEAF;
        }
        subscribed = subscribed || isSubscribed(current);
        return subscribed ? heard.get() : DEAF;
    }

    private void start() {
        subscribed = false;
        try {
            Process started = commands.start(List.of("sh", "-c", MONITOR));
            process = started;
            Thread reader = new Thread(() -> read(started), "wireguard-link-watch");
            reader.setDaemon(true);
            reader.start();
        } catch (TunnelException e) {
            LOGGER.log(Level.DEBUG, "changes of links are not heard of: {0}", e.getMessage());
        }
    }

    private void read(Process from) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.US_ASCII))) {
            String line = lines.readLine();
            while (line != null) {
                if (names.stream().anyMatch(line::contains)) {
                    heard.incrementAndGet();
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            LOGGER.log(Level.DEBUG, "changes of links are not heard of any more: {0}", e.getMessage());
        }
        from.destroy();
    }

    /** Whether the kernel has a socket of the monitor that is in a group; before that it tells it nothing. */
    private static boolean isSubscribed(Process shell) {
        return shell.children().anyMatch(monitor -> {
            Path sockets = Path.of("/proc", Long.toString(monitor.pid()), "net", "netlink");
            try {
                return Files.readAllLines(sockets).stream()
                        .map(line -> line.strip().split(" +", -1))
                        .anyMatch(socket -> socket.length > NETLINK_GROUPS
                                && socket[NETLINK_PORT].equals(Long.toString(monitor.pid()))
                                && !socket[NETLINK_GROUPS].chars().allMatch(digit -> digit == '0'));
            } catch (IOException e) {
                return false;
            }
        });
    }

    void stop() {
        Process current = process;
        process = null;
        if (current != null) {
            try {
                current.getOutputStream().close();
            } catch (IOException e) {
                current.destroy();
            }
        }
    }
}
