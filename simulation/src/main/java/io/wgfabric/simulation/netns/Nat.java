package io.wgfabric.simulation.netns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Network address translation on a router of a lab, by nft: what comes from outside gets in only where something went out
 * before (RFC 4787 section 5, address and port-dependent filtering), as most home routers do.
 */
public final class Nat {
    /** Which port outside stands for one inside (RFC 4787 section 4.1). */
    public enum Mapping {
        /** The same for every destination. */
        INDEPENDENT,
        /** Another one for each destination: "symmetric". */
        DEPENDENT
    }

    /**
     * Without the filters, a packet that comes in before one went out would take the port in the connection table, and
     * the one that goes out would get another.
     */
    private static final String RULES = """
            table inet lab-nat
            delete table inet lab-nat
            table inet lab-nat {
              chain out {
                type nat hook postrouting priority srcnat;
                oifname "eth0" meta nfproto ipv4 udp sport %d %s
                oifname "eth0" meta nfproto ipv4 masquerade
              }
              chain input {
                type filter hook input priority filter;
                iifname "eth0" meta nfproto ipv4 ct state new drop
              }
              chain forward {
                type filter hook forward priority filter;
                iifname "eth0" ct state new drop
              }
            }
            """;

    private final LabHost router;
    private final int port;
    private int reboots;

    private Nat(LabHost router, int port) {
        this.router = router;
        this.port = port;
    }

    /** @param port the UDP port inside whose mapping matters; it keeps its number at first */
    public static Nat on(LabHost router, Mapping mapping, int port) {
        Nat nat = new Nat(router, port);
        nat.map(mapping);
        return nat;
    }

    /** Changes what new connections get. */
    private void map(Mapping mapping) {
        String rule = mapping == Mapping.DEPENDENT ? "masquerade fully-random" : "masquerade to :" + (port + reboots);
        Path file = router.newFile("nat");
        try {
            Files.writeString(file, RULES.formatted(port, rule));
        } catch (IOException e) {
            throw new LabException("cannot write " + file + ": " + e.getMessage(), e);
        }
        router.require("nft", "-f", file.toString());
    }

    /** It forgets its connections, and gives other ports from then on. */
    public void reboot(Mapping mapping) {
        reboots += 1_000;
        map(mapping);
        // Masquerading forgets the connections of an interface that goes down, which also takes its routes.
        String routes = router.require("ip", "route", "show", "dev", "eth0").out();
        String routesV6 = router.require("ip", "-6", "route", "show", "default").out();
        router.require("ip", "link", "set", "eth0", "down");
        router.require("ip", "link", "set", "eth0", "up");
        restore("-4", routes);
        restore("-6", routesV6);
    }

    private void restore(String family, String routes) {
        routes.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("default via"))
                .forEach(line -> router.require(
                        "ip",
                        family,
                        "route",
                        "replace",
                        "default",
                        "via",
                        line.split(" ", 4)[2],
                        "dev",
                        "eth0",
                        "onlink"));
    }
}
