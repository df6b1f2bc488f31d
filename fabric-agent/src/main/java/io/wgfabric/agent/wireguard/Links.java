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
    private static final Pattern HEADER = Pattern.compile("\\d+: ([^:@ ]+)(?:@[^: ]+)?: <([A-Z0-9_,-]*)> mtu (\\d+)");
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

    /** An interface and its routes, as one call told them. */
    record Sight(Link link, Map<Prefix, Route> routes) {}

    /** The interface, or null if there is none of this name. */
    @Nullable Link find(String name) {
        Sight sight = look(List.of(name)).get(name);
        return sight == null ? null : sight.link();
    }

    /**
     * Those of the interfaces that exist, each with the routes of the main table to it, without the kernel's own, and the
     * default routes of the table for exit nodes. One program tells all of it, since starting one costs more than what it
     * does.
     */
    Map<String, Sight> look(List<String> names) {
        StringBuilder batch = new StringBuilder(128);
        for (String name : names) {
            batch.append("addr show dev ").append(name).append('\n');
            batch.append("route show table all dev ").append(name).append('\n');
        }
        byte[] input = batch.toString().getBytes(StandardCharsets.US_ASCII);
        Commands.Output output = commands.run(List.of("ip", "-force", "-batch", "-"), input);
        if (!output.ok() && !output.error().lines().allMatch(Links::tellsMissing)) {
            require(output, "cannot look at the interfaces " + String.join(" and ", names));
        }
        return parse(output.text());
    }

    /** What {@link #look} asks for of an interface that does not exist, or vanished in between. */
    private static boolean tellsMissing(String line) {
        return line.isBlank()
                || line.contains("does not exist")
                || line.contains("Cannot find device")
                || line.startsWith("Command failed");
    }

    /** The header of an interface, its indented lines, then its routes, one a line. */
    static Map<String, Sight> parse(String text) {
        Map<String, Sight> sights = new TreeMap<>();
        Sight current = null;
        for (String line : text.lines().toList()) {
            Matcher header = HEADER.matcher(line);
            Matcher overlay = OVERLAY.matcher(line);
            if (header.lookingAt()) {
                boolean up = List.of(header.group(2).split(",", -1)).contains("UP");
                Link link = new Link(up, Integer.parseInt(header.group(3)), new TreeSet<>());
                current = new Sight(link, new TreeMap<>());
                sights.put(header.group(1), current);
            } else if (current == null) {
                throw new TunnelException(
                        "'ip addr show' wrote what is not understood; iproute2 4.0 or newer is needed");
            } else if (overlay.matches()) {
                current.link().addresses().add(Address.parse(overlay.group(1)));
            } else if (!line.startsWith(" ")) {
                Route route = parseRoute(line);
                if (route != null) {
                    current.routes().put(route.destination(), route);
                }
            }
        }
        return sights;
    }

    /** Whether the kernel itself does WireGuard on this interface. */
    boolean isKernelWireGuard(String name) {
        Commands.Output output = commands.run("ip", "-d", "link", "show", "dev", name);
        return output.ok()
                && output.text().lines().anyMatch(line -> line.strip().startsWith("wireguard"));
    }

    static @Nullable Route parseRoute(String line) {
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
            // Only a route of IPv6 has a preference among routers (RFC 4191), and always.
            destination = Prefix.parse(line.contains(" pref ") ? "::/0" : "0.0.0.0/0");
        } else if (target.indexOf('.') < 0 && target.indexOf(':') < 0) {
            return null;
        } else if (target.indexOf('/') >= 0) {
            destination = Prefix.parse(target);
        } else {
            destination = Address.parse(target).toPrefix();
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

    /**
     * Carries out many changes of routes in one call, in their order.
     *
     * @param names of the interfaces of both planes
     */
    void changeRoutes(List<String> names, List<Change.RouteChange> changes) {
        StringBuilder batch = new StringBuilder(64 * changes.size());
        changes.forEach(change ->
                batch.append(command(change, names.get(change.plane()))).append('\n'));
        byte[] input = batch.toString().getBytes(StandardCharsets.US_ASCII);
        if (commands.run(List.of("ip", "-batch", "-"), input).ok()) {
            return;
        }
        // It stopped at one: with one call for each the culprit is named, and one that is gone already is no error.
        for (Change.RouteChange change : changes) {
            String command = command(change, names.get(change.plane()));
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
