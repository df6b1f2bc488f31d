package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sends what this machine has no nearer way for to a table of its own, where the default route leads through the fabric
 * to an exit node, by rules of policy routing (ip-rule(8)), in this order:
 * <ol>
 *   <li>what WireGuard itself sends, and what goes to managers, keeps to the main table;
 *   <li>so does all that the main table has a route for, the default one apart;
 *   <li>all else looks into the table. Its last route says unreachable: while no exit node carries packets, none leaves.
 * </ol>
 *
 * <p>WireGuard's packets are known by their source port, not by a mark as with wg-quick: a strict reverse path filter then
 * finds the way back of the answers too, since it asks with the ports swapped, while it knows no mark.
 *
 * <p>Level-triggered and idempotent; each step leaves nothing open: what closes is put before what needs it, and goes
 * after it. Confined to one thread.
 */
public final class ExitRules {
    /** Nobody else's, as far as is known: wg-quick begins at 51820, Tailscale has 52. */
    static final int TABLE = 5182;

    private static final int EXCEPTIONS = 5180;
    private static final int NEARER = 5181;
    private static final int ALL_ELSE = 5182;

    /** After the routes of both planes. */
    private static final String LAST = "unreachable default table " + TABLE + " metric 20000";

    private static final Pattern RULE = Pattern.compile("^(\\d+):\\s+(.*)$");
    private static final Pattern TO = Pattern.compile(" to ([0-9a-f.:]+) ");
    private static final Pattern PORT = Pattern.compile(" (sport|dport) (\\d+) ");
    private static final Path V6 = Path.of("/proc/net/if_inet6");

    private final Commands commands;

    public ExitRules() {
        this(List.of());
    }

    /** @param commandPrefix put before each program that is run, such as {@code ip netns exec NAME} */
    ExitRules(List<String> commandPrefix) {
        commands = new Commands(commandPrefix);
    }

    /** What keeps to the main table: packets to an address and port, or from a port of this host. */
    record Kept(@Nullable Address to, int port) {
        private String rule(boolean add) {
            return "rule " + (add ? "add" : "del") + " pref " + EXCEPTIONS + " iif lo"
                    + (to == null ? " ipproto udp sport " + port : " to " + to + " dport " + port) + " lookup main";
        }
    }

    /**
     * Puts the rules into force, for both families: the one that the exit node does not carry is stopped.
     *
     * @param ports from which WireGuard sends
     * @param managers where managers are reached
     * @throws TunnelException if the system refuses; then nothing is routed that was not before
     */
    public void set(Set<Integer> ports, Collection<Endpoint> managers) {
        for (boolean v4 : families()) {
            Set<Kept> wanted = new HashSet<>();
            ports.forEach(port -> wanted.add(new Kept(null, port)));
            managers.stream()
                    .filter(manager -> manager.address().isV4() == v4)
                    .forEach(manager -> wanted.add(new Kept(manager.address(), manager.port())));
            carryOut(v4, closing(wanted, shown(v4)));
        }
    }

    /**
     * Takes the rules away; the machine's own default route counts again. The routes to an interface go with that, or by
     * whoever made them. Does nothing if there are none, and may run beside another process that does the same.
     *
     * @throws TunnelException if the system refuses
     */
    public void clear() {
        for (boolean v4 : families()) {
            List<String> changes = opening(shown(v4));
            if (!changes.isEmpty()) {
                List<String> all = List.of("ip", "-force", v4 ? "-4" : "-6", "-batch", "-");
                Commands.Output output = commands.run(all, lines(changes));
                if (!opening(shown(v4)).isEmpty()) {
                    Links.require(output, "cannot take back the rules of policy routing");
                }
            }
        }
    }

    private static boolean[] families() {
        return Files.exists(V6) ? new boolean[] {true, false} : new boolean[] {true};
    }

    private String shown(boolean v4) {
        Commands.Output output = commands.run("ip", v4 ? "-4" : "-6", "rule", "show");
        Links.require(output, "cannot look at the rules of policy routing");
        return output.text();
    }

    private void carryOut(boolean v4, List<String> changes) {
        Links.require(
                commands.run(List.of("ip", v4 ? "-4" : "-6", "-batch", "-"), lines(changes)),
                "cannot change the rules of policy routing");
    }

    private static byte[] lines(List<String> changes) {
        return (String.join("\n", changes) + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** What leads from the rules that are shown to those that send all else to the table. Pure. */
    static List<String> closing(Set<Kept> wanted, String shown) {
        List<String> changes = new ArrayList<>();
        Set<Kept> there = new HashSet<>();
        Set<Integer> levels = new TreeSet<>();
        for (String line : shown.lines().toList()) {
            Matcher rule = RULE.matcher(line);
            if (rule.matches()) {
                levels.add(Integer.parseInt(rule.group(1)));
                Kept found = kept(rule);
                if (found != null) {
                    there.add(found);
                }
            }
        }
        wanted.stream().filter(each -> !there.contains(each)).forEach(each -> changes.add(each.rule(true)));
        if (!levels.contains(NEARER)) {
            changes.add("rule add pref " + NEARER + " lookup main suppress_prefixlength 0");
        }
        changes.add("route replace " + LAST);
        if (!levels.contains(ALL_ELSE)) {
            changes.add("rule add pref " + ALL_ELSE + " lookup " + TABLE);
        }
        there.stream().filter(each -> !wanted.contains(each)).forEach(each -> changes.add(each.rule(false)));
        return changes;
    }

    /** What takes away those of ours that are shown, the one that sends all else first. Pure. */
    static List<String> opening(String shown) {
        List<String> changes = new ArrayList<>();
        for (int level : new int[] {ALL_ELSE, NEARER, EXCEPTIONS}) {
            shown.lines()
                    .map(RULE::matcher)
                    .filter(rule -> rule.matches() && rule.group(1).equals(Integer.toString(level)))
                    .forEach(rule -> changes.add("rule del pref " + level));
        }
        if (!changes.isEmpty()) {
            changes.add("route del " + LAST);
        }
        return changes;
    }

    private static @Nullable Kept kept(Matcher rule) {
        String text = rule.group(2) + ' ';
        Matcher port = PORT.matcher(text);
        if (!rule.group(1).equals(Integer.toString(EXCEPTIONS)) || !port.find()) {
            return null;
        }
        Matcher to = TO.matcher(text);
        Address address = to.find() ? Address.parse(to.group(1)) : null;
        boolean known = Objects.equals(port.group(1), address == null ? "sport" : "dport");
        return known ? new Kept(address, Integer.parseInt(port.group(2))) : null;
    }
}
