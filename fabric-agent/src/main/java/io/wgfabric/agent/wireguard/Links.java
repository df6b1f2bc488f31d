package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Interfaces, addresses and routes of the system through {@code ip} of iproute2. */
final class Links {
    private static final Pattern HEADER = Pattern.compile("<([A-Z0-9_,-]*)> mtu (\\d+)");
    private static final Pattern OVERLAY = Pattern.compile("\\s*inet6? ([0-9a-f.:]+)/(?:32|128) .*scope global.*");
    private static final Pattern SOURCE = Pattern.compile(" src ([0-9a-f.:]+)");

    /** Writes the loose mode; where it may not, tells what is in force. */
    private static final String LOOSEN =
            "conf=/proc/sys/net/ipv4/conf; { echo 2 > \"$conf/$0/rp_filter\"; } 2>/dev/null"
                    + " || cat \"$conf/$0/rp_filter\" \"$conf/all/rp_filter\"";

    private static final int MAIN_METRIC = 1000;
    private static final int SPARE_METRIC = 500;

    private final Commands commands;

    Links(Commands commands) {
        this.commands = commands;
    }

    /** An interface of the system and its overlay addresses. */
    record Link(boolean up, int mtu, Set<Address> addresses) {}

    /** The interface, or null if there is none of this name. */
    @Nullable Link find(String name) {
        Commands.Output output = commands.run("ip", "addr", "show", "dev", name);
        if (isMissing(output)) {
            return null;
        }
        require(output, "cannot look at interface " + name);
        String text = output.text();
        Matcher header = HEADER.matcher(text);
        if (!header.find()) {
            throw new TunnelException("'ip addr show' wrote what is not understood; iproute2 4.0 or newer is needed");
        }
        Set<Address> addresses = new TreeSet<>();
        text.lines().forEach(line -> {
            Matcher matcher = OVERLAY.matcher(line);
            if (matcher.matches()) {
                addresses.add(Address.parse(matcher.group(1)));
            }
        });
        boolean up = List.of(header.group(1).split(",", -1)).contains("UP");
        return new Link(up, Integer.parseInt(header.group(2)), addresses);
    }

    /** Whether the kernel itself does WireGuard on this interface. */
    boolean isKernelWireGuard(String name) {
        Commands.Output output = commands.run("ip", "-d", "link", "show", "dev", name);
        return output.ok()
                && output.text().lines().anyMatch(line -> line.strip().startsWith("wireguard"));
    }

    /**
     * The routes of the main table to the interface, without the kernel's own, and the default routes of the table for exit
     * nodes; empty if it vanished.
     */
    Map<Prefix, Route> routes(String name) {
        Map<Prefix, Route> routes = new TreeMap<>();
        for (String family : List.of("-4", "-6")) {
            Commands.Output output = commands.run("ip", family, "route", "show", "dev", name, "table", "all");
            if (isMissing(output)) {
                return Map.of();
            }
            require(output, "cannot look at the routes to " + name);
            output.text().lines().map(line -> parseRoute(line, family)).forEach(route -> {
                if (route != null) {
                    routes.put(route.destination(), route);
                }
            });
        }
        return routes;
    }

    static @Nullable Route parseRoute(String line, String family) {
        String target = line.strip().split(" ", 2)[0];
        // Outside the main table there are only defaults of ours, and inside it none.
        boolean ours = line.contains(" table ")
                ? line.contains(" table " + ExitRules.TABLE + ' ') && target.equals("default")
                : !target.equals("default");
        if (line.contains(" proto kernel") || target.isEmpty() || !ours) {
            return null;
        }
        Prefix destination;
        if (target.equals("default")) {
            destination = Prefix.parse(family.equals("-4") ? "0.0.0.0/0" : "::/0");
        } else if (target.indexOf('/') >= 0) {
            destination = Prefix.parse(target);
        } else if (Character.digit(target.charAt(0), 16) >= 0 || target.startsWith(":")) {
            destination = Address.parse(target).toPrefix();
        } else {
            return null;
        }
        Matcher source = SOURCE.matcher(line);
        return new Route(destination, source.find() ? Address.parse(source.group(1)) : null);
    }

    /** Makes an interface of the kernel's WireGuard; the output says if that cannot be. */
    Commands.Output addWireGuard(String name) {
        return commands.run("ip", "link", "add", "dev", name, "type", "wireguard");
    }

    void delete(String name) {
        Commands.Output output = commands.run("ip", "link", "del", "dev", name);
        if (!isMissing(output)) {
            require(output, "cannot remove interface " + name);
        }
    }

    void addAddress(String name, Address address) {
        Commands.Output output = address.isV4()
                ? commands.run("ip", "addr", "replace", address.toPrefix().toString(), "dev", name)
                : commands.run("ip", "addr", "replace", address.toPrefix().toString(), "dev", name, "nodad");
        if (!address.isV4() && !output.ok() && output.error().contains("Permission denied")) {
            throw new TunnelException("cannot set address " + address + " on " + name
                    + ": IPv6 is switched off; set net.ipv6.conf.default.disable_ipv6=0");
        }
        require(output, "cannot set address " + address + " on " + name);
    }

    void removeAddress(String name, Address address) {
        Commands.Output output =
                commands.run("ip", "addr", "del", address.toPrefix().toString(), "dev", name);
        if (!output.error().contains("Cannot assign requested address")) {
            require(output, "cannot remove address " + address + " from " + name);
        }
    }

    void setMtu(String name, int mtu) {
        require(
                commands.run("ip", "link", "set", "dev", name, "mtu", Integer.toString(mtu)),
                "cannot set the MTU of " + name);
    }

    Commands.Output setUp(String name) {
        return commands.run("ip", "link", "set", "dev", name, "up");
    }

    /**
     * Sets the reverse path filter to loose: while a pair moves, its packets arrive on a plane to which no route of
     * their source points.
     */
    void loosenReversePath(String name) {
        Commands.Output output = commands.run("sh", "-c", LOOSEN, name);
        List<String> inForce = output.text().lines().map(String::strip).toList();
        if (inForce.contains("1") && !inForce.contains("2")) {
            throw new TunnelException("the reverse path filter of " + name
                    + " is strict and /proc/sys cannot be written: set net.ipv4.conf.all.rp_filter=2 on this host");
        }
    }

    /** Carries out many changes of routes in one call. */
    void changeRoutes(String name, List<Change.RouteChange> changes) {
        StringBuilder batch = new StringBuilder(64 * changes.size());
        changes.forEach(change -> batch.append(command(change, name)).append('\n'));
        byte[] input = batch.toString().getBytes(StandardCharsets.US_ASCII);
        if (commands.run(List.of("ip", "-batch", "-"), input).ok()) {
            return;
        }
        // It stopped at one: with one call for each the culprit is named, and one that is gone already is no error.
        for (Change.RouteChange change : changes) {
            String command = command(change, name);
            byte[] line = (command + "\n").getBytes(StandardCharsets.US_ASCII);
            Commands.Output output = commands.run(List.of("ip", "-batch", "-"), line);
            boolean gone = change instanceof Change.RemoveRoute
                    && (output.error().contains("No such process")
                            || output.error().contains("table does not exist"));
            if (!gone) {
                require(output, "'ip " + command + "' failed");
            }
        }
    }

    /**
     * The metric lets both planes have a route to one destination, of which the spare plane's counts, and leaves alone what
     * somebody else routes there. A default route goes to the table for exit nodes.
     */
    private static String command(Change.RouteChange change, String name) {
        String table = change.destination().length() == 0 ? " table " + ExitRules.TABLE : "";
        if (change instanceof Change.PutRoute put) {
            String source = put.source() == null ? "" : " src " + put.source();
            int metric = put.plane() == ActualNetwork.MAIN ? MAIN_METRIC : SPARE_METRIC;
            return "route replace " + put.destination() + " dev " + name + source + " metric " + metric + table;
        }
        return "route del " + change.destination() + " dev " + name + table;
    }

    private static boolean isMissing(Commands.Output output) {
        return !output.ok()
                && (output.error().contains("does not exist") || output.error().contains("Cannot find device"));
    }

    static void require(Commands.Output output, String what) {
        if (!output.ok()) {
            String hint = output.error().contains("Operation not permitted")
                    ? "; run as root or give the process CAP_NET_ADMIN"
                    : "";
            throw new TunnelException(what + ": " + output.reason() + hint);
        }
    }
}
