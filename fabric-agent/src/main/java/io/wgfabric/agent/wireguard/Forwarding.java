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
import org.jspecify.annotations.Nullable;

/**
 * Lets this node forward between its peers, and to networks behind it that an operator has approved, and nothing else:
 * what comes in through the fabric's interfaces goes out of them again to the pools and to the networks behind other
 * nodes, or out of another one to the networks behind this node; what comes in by another interface of a host that did
 * not forward before is only what answers it. Packets to a network behind this node carry this host's own address there
 * (masquerading), so that the network needs no route back. Level-triggered, on the thread that reconciles.
 *
 * <p>IPv4 forwards for each interface that packets come in by. IPv6 has a switch of that kind from Linux 6.17 on
 * ({@code force_forwarding}); before, only the one for the whole host counts, and that also ends the acceptance of router
 * advertisements (RFC 4861 section 6.2.2) unless each interface says 2. So there it is switched on only together with a
 * firewall rule that keeps everybody else's packets from being forwarded.
 */
public final class Forwarding {
    private static final Logger LOGGER = System.getLogger(Forwarding.class.getName());
    private static final String TABLE = "wgfabric";

    /** Marks the rule that keeps the whole host from forwarding, which it does only because an agent said so. */
    private static final String OPENED = "for the fabric alone: ";

    /**
     * What an exit node does not lead to: this host and this network, private and link-local networks, and multicast (RFC
     * 6890); of IPv6 all but global unicast addresses (RFC 4291 section 2.4). Who wants one of these behind a node
     * approves it by its name.
     */
    private static final List<Prefix> NOT_INTERNET = List.of(
            Prefix.parse("0.0.0.0/8"),
            Prefix.parse("10.0.0.0/8"),
            Prefix.parse("100.64.0.0/10"),
            Prefix.parse("127.0.0.0/8"),
            Prefix.parse("169.254.0.0/16"),
            Prefix.parse("172.16.0.0/12"),
            Prefix.parse("192.168.0.0/16"),
            Prefix.parse("224.0.0.0/3"),
            Prefix.parse("::/3"),
            Prefix.parse("4000::/2"),
            Prefix.parse("8000::/1"));

    private final Set<String> interfaces;
    private final Path v4;
    private final Path v6;
    private final Commands commands = new Commands(List.of());
    private final Set<String> said = new TreeSet<>();
    private @Nullable String guard;

    /**
     * What a node forwards.
     *
     * @param relays whether between other nodes
     * @param pools the addresses of all nodes
     * @param own the networks behind this node; with a /0 it leads to the internet
     * @param others the networks behind other nodes, to which it forwards if it relays
     */
    public record Duty(boolean relays, List<Prefix> pools, List<Prefix> own, List<Prefix> others) {
        /** Nothing at all. */
        public static final Duty NONE = new Duty(false, List.of(), List.of(), List.of());

        public Duty {
            pools = List.copyOf(pools);
            own = List.copyOf(own);
            others = List.copyOf(others);
        }

        private boolean isNone() {
            return !relays && own.isEmpty();
        }
    }

    /** @param interfaces of both planes, whether they exist or not */
    public Forwarding(Set<String> interfaces) {
        this(interfaces, Path.of("/proc/sys/net"));
    }

    /** @param settings where the kernel's are */
    Forwarding(Set<String> interfaces, Path settings) {
        this.interfaces = new TreeSet<>(interfaces);
        v4 = settings.resolve("ipv4/conf");
        v6 = settings.resolve("ipv6/conf");
    }

    /**
     * Sees to it. What an agent of this host has switched on is switched off again, also after a restart; what the host
     * forwarded before is let alone.
     */
    public void set(Duty duty) {
        try {
            String before = guard == null ? left() : guard;
            guard = before;
            if (!duty.isNone()) {
                guard = allow(duty, before);
            } else if (!before.isEmpty()) {
                withdraw(before);
                guard = "";
            }
        } catch (IOException | TunnelException e) {
            sayOnce("this node cannot forward between others: " + e.getMessage());
        }
    }

    /** The rules that an agent before this one has left, or nothing. */
    private String left() {
        if (Commands.locate("nft") == null) {
            return "";
        }
        String rules = commands.run("nft", "list", "table", "inet", TABLE).text();
        return interfaces.stream().anyMatch(name -> rules.contains('"' + name + '"')) ? rules : "";
    }

    private String allow(Duty duty, String before) throws IOException {
        boolean answers6 = duty.own().stream().anyMatch(network -> !network.isV4());
        boolean answers4 = duty.own().stream().anyMatch(Prefix::isV4);
        boolean hostWide = isOff(v6.resolve("all/forwarding")) && (answers6 || lacksSwitch());
        boolean hostWide4 = isOff(v4.resolve("all/forwarding")) && answers4;
        Set<String> opened = new TreeSet<>();
        if (hostWide || before.contains(OPENED + "ipv6")) {
            opened.add("ipv6");
        }
        if (hostWide4 || before.contains(OPENED + "ipv4")) {
            opened.add("ipv4");
        }
        String rules = rules(duty, opened);
        String now = before;
        if (!rules.equals(before)) {
            boolean guarded = nft(rules);
            if (!guarded) {
                sayOnce("without nft (package nftables) this node forwards to all that its routes know, IPv6 not at all"
                        + " where the kernel is older than 6.17, and nothing to networks behind it");
            }
            now = guarded ? rules : "none";
        }
        if (now.equals("none") && !duty.relays()) {
            return now;
        }
        switchOnInterfaces();
        if (now.equals("none")) {
            return now;
        }
        if (hostWide) {
            keepAdvertisements();
            switchOn(v6.resolve("all/forwarding"));
        }
        if (hostWide4) {
            switchOn(v4.resolve("all/forwarding"));
        }
        return now;
    }

    /** Where the whole host forwards IPv6, an interface's switch changes nothing, and a container may not write it. */
    void switchOnInterfaces() throws IOException {
        for (String name : interfaces) {
            switchOn(v4.resolve(name).resolve("forwarding"));
            if (isOff(v6.resolve("all/forwarding"))) {
                switchOn(v6.resolve(name).resolve("force_forwarding"));
            }
        }
    }

    /** Whether the interfaces that exist have no switch of their own for IPv6. */
    private boolean lacksSwitch() {
        return interfaces.stream()
                .map(v6::resolve)
                .anyMatch(conf -> Files.exists(conf) && !Files.exists(conf.resolve("force_forwarding")));
    }

    /**
     * One atomic change of a table that is nobody else's.
     *
     * @param opened the families of which the whole host forwards only because an agent said so
     */
    String rules(Duty duty, Set<String> opened) {
        String names = interfaces.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ", "{ ", " }"));
        StringBuilder rules = new StringBuilder(1024);
        rules.append("table inet ").append(TABLE).append("\ndelete table inet ").append(TABLE);
        rules.append("\ntable inet ").append(TABLE).append(" {\n  chain forward {\n");
        rules.append("    type filter hook forward priority filter; policy accept;\n");
        for (boolean v4 : new boolean[] {true, false}) {
            String family = v4 ? "ipv4" : "ipv6";
            String from = "    iifname " + names + " meta nfproto " + family;
            rules.append(from).append(" oifname ").append(names);
            rules.append(relayed(duty, v4)).append(" drop\n");
            rules.append(from).append(" oifname != ").append(names);
            rules.append(behind(duty, v4)).append(" drop\n");
            if (opened.contains(family)) {
                rules.append("    iifname != ")
                        .append(names)
                        .append(" meta nfproto ")
                        .append(family);
                rules.append(" ct state != { established, related } drop comment \"");
                rules.append(OPENED).append(family).append("\"\n");
            }
        }
        rules.append("  }\n");
        if (!duty.own().isEmpty()) {
            rules.append("  chain leaving {\n    type nat hook postrouting priority srcnat; policy accept;\n");
            for (boolean v4 : new boolean[] {true, false}) {
                String nodes = set(duty.pools().stream(), v4);
                String networks = set(duty.own().stream(), v4);
                if (!nodes.isEmpty() && !networks.isEmpty()) {
                    String family = v4 ? " ip" : " ip6";
                    rules.append("    oifname != ")
                            .append(names)
                            .append(family)
                            .append(" saddr ")
                            .append(nodes);
                    rules.append(isExit(duty, v4) ? "" : family + " daddr " + networks);
                    rules.append(" masquerade\n");
                }
            }
            rules.append("  }\n");
        }
        return rules.append("}\n").toString();
    }

    /** What is dropped of that which would leave by the fabric's interfaces again. */
    private static String relayed(Duty duty, boolean v4) {
        String allowed = duty.relays() ? set(Stream.concat(duty.pools().stream(), duty.others().stream()), v4) : "";
        return allowed.isEmpty() ? "" : (v4 ? " ip" : " ip6") + " daddr != " + allowed;
    }

    /** What is dropped of that which would leave by other interfaces. */
    private static String behind(Duty duty, boolean v4) {
        String daddr = (v4 ? " ip" : " ip6") + " daddr ";
        String named = set(duty.own().stream().filter(network -> network.length() > 0), v4);
        String none = named.isEmpty() ? "" : daddr + "!= " + named;
        return isExit(duty, v4) ? none + daddr + set(NOT_INTERNET.stream(), v4) : none;
    }

    private static boolean isExit(Duty duty, boolean v4) {
        return duty.own().stream().anyMatch(network -> network.length() == 0 && network.isV4() == v4);
    }

    /** Those of one family as nft writes a set, in which no two overlap; empty for none. */
    private static String set(Stream<Prefix> prefixes, boolean v4) {
        List<Prefix> all =
                prefixes.filter(prefix -> prefix.isV4() == v4).distinct().toList();
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
        Commands.Output output = commands.run(List.of("nft", "-f", "-"), rules.getBytes(StandardCharsets.US_ASCII));
        if (!output.ok()) {
            sayOnce("nft does not take the fabric's rules: "
                    + output.error().lines().findFirst().orElse(output.reason()));
        }
        return output.ok();
    }

    /** An interface that takes router advertisements goes on to take them when the host forwards. */
    private void keepAdvertisements() throws IOException {
        try (var all = Files.list(v6)) {
            for (Path conf : all.toList()) {
                Path accepts = conf.resolve("accept_ra");
                if (Files.exists(accepts) && Files.readString(accepts).strip().equals("1")) {
                    Files.writeString(accepts, "2");
                }
            }
        }
    }

    private void withdraw(String before) throws IOException {
        for (String name : interfaces) {
            switchOff(v4.resolve(name).resolve("forwarding"));
            switchOff(v6.resolve(name).resolve("force_forwarding"));
        }
        if (before.contains(OPENED + "ipv6")) {
            switchOff(v6.resolve("all/forwarding"));
        }
        if (before.contains(OPENED + "ipv4")) {
            switchOff(v4.resolve("all/forwarding"));
        }
        if (Commands.locate("nft") != null) {
            commands.run("nft", "delete", "table", "inet", TABLE);
        }
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
