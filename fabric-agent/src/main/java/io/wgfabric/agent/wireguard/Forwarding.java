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

/**
 * Lets this node forward between its peers, and nothing else: what comes in through the fabric's interfaces goes to the
 * pools only, and no other interface of the host begins to forward. Level-triggered, on the thread that reconciles.
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
     * @param pools the destinations that are forwarded to
     */
    public void set(boolean wanted, List<Prefix> pools) {
        try {
            if (wanted) {
                allow(pools);
            } else if (!guard.isEmpty()) {
                withdraw();
            }
        } catch (IOException | TunnelException e) {
            sayOnce("this node cannot forward between others: " + e.getMessage());
        }
    }

    private void allow(List<Prefix> pools) throws IOException {
        boolean hostWide = isOff(V6.resolve("all/forwarding")) && lacksSwitch();
        String rules = rules(pools, hostWide || guard.contains("ip6 forwarding"));
        if (!rules.equals(guard)) {
            boolean guarded = nft(rules);
            if (!guarded) {
                sayOnce("without nft (package nftables) this node forwards to all that its routes know, and IPv6 not at"
                        + " all where the kernel is older than 6.17");
            }
            guard = guarded ? rules : "none";
        }
        for (String name : interfaces) {
            switchOn(V4.resolve(name).resolve("forwarding"));
            switchOn(V6.resolve(name).resolve("force_forwarding"));
        }
        if (hostWide && !guard.equals("none")) {
            keepAdvertisements();
            switchOn(V6.resolve("all/forwarding"));
        }
    }

    /** Whether the interfaces that exist have no switch of their own for IPv6. */
    private boolean lacksSwitch() {
        return interfaces.stream()
                .map(V6::resolve)
                .anyMatch(conf -> Files.exists(conf) && !Files.exists(conf.resolve("force_forwarding")));
    }

    /** One atomic change of a table that is nobody else's. */
    String rules(List<Prefix> pools, boolean hostWide) {
        String names = interfaces.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ", "{ ", " }"));
        StringBuilder rules = new StringBuilder(512);
        rules.append("table inet ").append(TABLE).append("\ndelete table inet ").append(TABLE);
        rules.append("\ntable inet ").append(TABLE).append(" {\n  chain forward {\n");
        rules.append("    type filter hook forward priority filter; policy accept;\n");
        for (boolean v4 : new boolean[] {true, false}) {
            String inside = pools.stream()
                    .filter(pool -> pool.isV4() == v4)
                    .map(Prefix::toString)
                    .collect(Collectors.joining(", ", "{ ", " }"));
            String family = v4 ? "ip" : "ip6";
            rules.append("    iifname ").append(names).append(" meta nfproto ").append(v4 ? "ipv4" : "ipv6");
            rules.append(inside.equals("{  }") ? "" : " " + family + " daddr != " + inside)
                    .append(" drop\n");
        }
        if (hostWide) {
            rules.append("    # ip6 forwarding of the host is for the fabric alone\n");
            rules.append("    iifname != ").append(names).append(" meta nfproto ipv6 drop\n");
        }
        return rules.append("  }\n}\n").toString();
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
        if (guard.contains("ip6 forwarding")) {
            switchOff(V6.resolve("all/forwarding"));
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
