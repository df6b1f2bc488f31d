package io.wgfabric.agent;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The networks that this machine is in, and which of them a cluster's pools overlap with: there, one hides the other,
 * and which one is a matter of the routing table.
 */
public final class HostNetworks {
    private HostNetworks() {}

    /**
     * An address of an interface.
     *
     * @param length of its network's prefix
     */
    record Attached(String interfaceName, Address address, int length) {
        Prefix network() {
            return Prefix.of(address, length);
        }
    }

    /** A pool, and a network that this machine has besides. */
    public record Overlap(Prefix pool, String interfaceName, Prefix network) {
        /** One line for people. */
        public String text() {
            return "the cluster's pool " + pool + " overlaps with " + network + " on interface " + interfaceName
                    + " of this host";
        }
    }

    /**
     * What overlaps, without the fabric's own interfaces. Pure.
     *
     * @param own the names of those interfaces
     */
    static List<Overlap> overlaps(Collection<Prefix> pools, List<Attached> attached, Set<String> own) {
        List<Overlap> found = new ArrayList<>();
        for (Attached each : attached) {
            for (Prefix pool : pools) {
                if (!own.contains(each.interfaceName()) && pool.overlaps(each.network())) {
                    found.add(new Overlap(pool, each.interfaceName(), each.network()));
                }
            }
        }
        return List.copyOf(found);
    }

    /** The networks themselves, without those of the fabric's own interfaces. Pure. */
    static Set<Prefix> networks(List<Attached> attached, Set<String> own) {
        return attached.stream()
                .filter(each -> !own.contains(each.interfaceName()))
                .map(Attached::network)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What to tell when what overlaps has changed. Pure. */
    static List<String> news(List<Overlap> before, List<Overlap> now) {
        List<String> lines = new ArrayList<>();
        for (Overlap each : now) {
            if (!before.contains(each)) {
                lines.add(each.text() + ": nodes or hosts with the same address cannot both be reached");
            }
        }
        for (Overlap each : before) {
            if (!now.contains(each)) {
                lines.add("no longer: " + each.text());
            }
        }
        return lines;
    }

    /** The addresses of all interfaces that are up, but for the loopback; none if the system does not tell. */
    static List<Attached> attached() {
        List<Attached> attached = new ArrayList<>();
        try {
            for (NetworkInterface link : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (link.isLoopback() || !link.isUp()) {
                    continue;
                }
                for (InterfaceAddress each : link.getInterfaceAddresses()) {
                    Address address = Address.of(each.getAddress());
                    int told = each.getNetworkPrefixLength();
                    boolean known = told > 0 && told <= address.bits();
                    attached.add(new Attached(link.getName(), address, known ? told : address.bits()));
                }
            }
        } catch (SocketException e) {
            return attached;
        }
        return attached;
    }
}
