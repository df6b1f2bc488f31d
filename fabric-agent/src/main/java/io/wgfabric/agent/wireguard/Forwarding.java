package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Prefix;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets this node forward between its peers, and to networks behind it that an operator has approved, and nothing else:
 * what comes in through the fabric's interfaces goes to the pools and those networks only, and what comes in by another
 * interface of a host that did not forward before is only what answers it. Packets to a network behind this node carry
 * this host's own address there (masquerading), so that the network needs no route back. Level-triggered, on the thread
 * that reconciles.
 *
 * <p>IPv4 forwards for each interface that packets come in by. IPv6 has a switch of that kind from Linux 6.17 on
 * ({@code force_forwarding}); before, only the one for the whole host counts, and that also ends the acceptance of router
 * advertisements (RFC 4861 section 6.2.2) unless each interface says 2. So there it is switched on only together with a
 * firewall rule that keeps everybody else's packets from being forwarded.
 */
public final class Forwarding {
    private static final Logger LOGGER = System.getLogger(Forwarding.class.getName());
    private static final Path V4 = Path.of("/proc/sys/net/ipv4/conf");
    private static final Path V6 = Path.of("/proc/sys/net/ipv6/conf");
    private static final String TABLE = "wgfabric";

    /** Marks in the rules what the host forwards for the fabric alone. */
    private static final String OPENED = "for the fabric alone: ";

    private final Set<String> interfaces;
    private final Commands commands = new Commands(List.of());
    private final Set<String> said = new TreeSet<>();
    private String guard = "";

    /** @param interfaces of both planes, whether they exist or not */
    public Forwarding(Set<String> interfaces) {
        this.interfaces = new TreeSet<>(interfaces);
    }

    /**
     * Sees to it. What this process has switched on it switches off again; what the host forwarded before is let alone.
     *
     * @param hub whether this node forwards between others
     * @param pools the addresses of all nodes
     * @param networks behind this node, to which it forwards; may be empty
     */
    public void set(boolean hub, List<Prefix> pools, List<Prefix> networks) {
        try {
            if (hub || !networks.isEmpty()) {
                allow(pools, networks);
            } else if (!guard.isEmpty()) {
                withdraw();
            }
        } catch (IOException | TunnelException e) {
            sayOnce("this node cannot forward between others: " + e.getMessage());
        }
    }

    private void allow(List<Prefix> pools, List<Prefix> networks) throws IOException {
        boolean answers6 = networks.stream().anyMatch(network -> !network.isV4());
        boolean answers4 = networks.stream().anyMatch(Prefix::isV4);
        boolean hostWide = isOff(V6.resolve("all/forwarding")) && (answers6 || lacksSwitch());
        boolean hostWide4 = isOff(V4.resolve("all/forwarding")) && answers4;
        Set<String> opened = new TreeSet<>();
        if (hostWide || guard.contains(OPENED + "ipv6")) {
            opened.add("ipv6");
        }
        if (hostWide4 || guard.contains(OPENED + "ipv4")) {
            opened.add("ipv4");
        }
        String rules = rules(pools, networks, opened);
        if (!rules.equals(guard)) {
            boolean guarded = nft(rules);
            if (!guarded) {
                sayOnce("without nft (package nftables) this node forwards to all that its routes know, IPv6 not at all"
                        + " where the kernel is older than 6.17, and nothing to networks behind it");
            }
            guard = guarded ? rules : "none";
        }
        for (String name : interfaces) {
            switchOn(V4.resolve(name).resolve("forwarding"));
            switchOn(V6.resolve(name).resolve("force_forwarding"));
        }
        if (guard.equals("none")) {
            return;
        }
        if (hostWide) {
            keepAdvertisements();
            switchOn(V6.resolve("all/forwarding"));
        }
        if (hostWide4) {
            switchOn(V4.resolve("all/forwarding"));
        }
    }

    /** Whether the interfaces that exist have no switch of their own for IPv6. */
    private boolean lacksSwitch() {
        return interfaces.stream()
                .map(V6::resolve)
                .anyMatch(conf -> Files.exists(conf) && !Files.exists(conf.resolve("force_forwarding")));
    }

    /**
     * One atomic change of a table that is nobody else's.
     *
     * @param opened the families of which the whole host forwards only because this process said so
     */
    String rules(List<Prefix> pools, List<Prefix> networks, Set<String> opened) {
        String names = interfaces.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ", "{ ", " }"));
        StringBuilder rules = new StringBuilder(512);
        rules.append("table inet ").append(TABLE).append("\ndelete table inet ").append(TABLE);
        rules.append("\ntable inet ").append(TABLE).append(" {\n  chain forward {\n");
        rules.append("    type filter hook forward priority filter; policy accept;\n");
        for (boolean v4 : new boolean[] {true, false}) {
            String family = v4 ? "ipv4" : "ipv6";
            rules.append("    iifname ").append(names).append(" meta nfproto ").append(family);
            String allowed = set(Stream.concat(pools.stream(), networks.stream()), v4);
            rules.append(allowed.isEmpty() ? "" : (v4 ? " ip" : " ip6") + " daddr != " + allowed)
                    .append(" drop\n");
            if (opened.contains(family)) {
                rules.append("    # ").append(OPENED).append(family).append('\n');
                rules.append("    iifname != ")
                        .append(names)
                        .append(" meta nfproto ")
                        .append(family);
                rules.append(" ct state != { established, related } drop\n");
            }
        }
        rules.append("  }\n");
        if (!networks.isEmpty()) {
            rules.append("  chain masquerade {\n    type nat hook postrouting priority srcnat; policy accept;\n");
            for (boolean v4 : new boolean[] {true, false}) {
                String nodes = set(pools.stream(), v4);
                if (!nodes.isEmpty()) {
                    rules.append("    oifname != ").append(names).append(v4 ? " ip" : " ip6");
                    rules.append(" saddr ").append(nodes).append(" masquerade\n");
                }
            }
            rules.append("  }\n");
        }
        return rules.append("}\n").toString();
    }

    /** Those of one family as nft writes a set, in which no two overlap; empty for none. */
    private static String set(Stream<Prefix> prefixes, boolean v4) {
        List<Prefix> all = prefixes.filter(prefix -> prefix.isV4() == v4).toList();
        String inside = all.stream()
                .filter(part -> all.stream()
                        .noneMatch(whole -> whole.length() < part.length() && whole.contains(part.address())))
                .map(Prefix::toString)
                .collect(Collectors.joining(", "));
        return inside.isEmpty() ? "" : "{ " + inside + " }";
    }

    private boolean nft(String rules) {
        if (Commands.locate("nft") == null) {
            return false;
        }
        byte[] input = rules.replaceAll("(?m)^ *#.*\n", "").getBytes(StandardCharsets.US_ASCII);
        Commands.Output output = commands.run(List.of("nft", "-f", "-"), input);
        if (!output.ok()) {
            sayOnce("nft does not take the fabric's rule: " + output.reason());
        }
        return output.ok();
    }

    /** An interface that takes router advertisements goes on to take them when the host forwards. */
    private static void keepAdvertisements() throws IOException {
        try (var all = Files.list(V6)) {
            for (Path conf : all.toList()) {
                Path accepts = conf.resolve("accept_ra");
                if (Files.exists(accepts) && Files.readString(accepts).strip().equals("1")) {
                    Files.writeString(accepts, "2");
                }
            }
        }
    }

    private void withdraw() throws IOException {
        for (String name : interfaces) {
            switchOff(V4.resolve(name).resolve("forwarding"));
            switchOff(V6.resolve(name).resolve("force_forwarding"));
        }
        if (guard.contains(OPENED + "ipv6")) {
            switchOff(V6.resolve("all/forwarding"));
        }
        if (guard.contains(OPENED + "ipv4")) {
            switchOff(V4.resolve("all/forwarding"));
        }
        if (Commands.locate("nft") != null) {
            commands.run("nft", "delete", "table", "inet", TABLE);
        }
        guard = "";
    }

    private static boolean isOff(Path setting) throws IOException {
        return Files.exists(setting) && Files.readString(setting).strip().equals("0");
    }

    private static void switchOn(Path setting) throws IOException {
        if (isOff(setting)) {
            Files.writeString(setting, "1");
        }
    }

    private static void switchOff(Path setting) throws IOException {
        if (Files.exists(setting) && !isOff(setting)) {
            Files.writeString(setting, "0");
        }
    }

    private void sayOnce(String line) {
        if (said.add(line)) {
            LOGGER.log(Level.WARNING, line);
        }
    }
}
