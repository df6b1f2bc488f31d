package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.ExitRules;
import io.wgfabric.agent.wireguard.TunnelException;
import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Role;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The way of this machine to the internet through an exit node, as its own administrator chose: {@link #follow} keeps the
 * rules of policy routing as they shall be, on the thread that reconciles. What goes to managers keeps to the underlay, so
 * that the agent hears of a better day while the exit node is dead.
 */
final class ExitWay {
    private static final Logger LOGGER = System.getLogger(ExitWay.class.getName());

    /** How often the rules are compared though nothing has changed. */
    private static final Duration REPAIR = Duration.ofSeconds(5);

    private final NodeStore store;
    private final ExitRules rules = new ExitRules();
    private final Map<String, Set<Endpoint>> resolved = new ConcurrentHashMap<>();

    private volatile @Nullable InForce inForce;
    private boolean cleared;
    private long comparedNanos;
    private String said = "";

    private record InForce(NodeId node, Set<Integer> ports, Set<Endpoint> managers) {}

    ExitWay(NodeStore store) {
        this.store = store;
    }

    /**
     * Sees to the rules. A choice that cannot be read leaves them as they are.
     *
     * @param managers {@code HOST:PORT}
     * @return the exit node to use; null for none
     */
    @Nullable NodeId follow(Netmap netmap, Member self, Collection<String> managers) {
        InForce before = inForce;
        try {
            Optional<NodeStore.Exit> chosen = store.exit();
            NodeId node = chosen.map(NodeStore.Exit::node).orElse(null);
            if (node != null && DesiredNetworks.isExit(self)) {
                say("this node leads others to the internet, so it uses no exit node itself");
                node = null;
            }
            if (node != null) {
                keep(new InForce(node, ports(self), reachedAt(netmap, managers)));
            } else if (before != null || (chosen.isPresent() && !cleared)) {
                clear();
            }
            return node;
        } catch (IOException | TunnelException e) {
            say("the exit node: " + e.getMessage());
            return before == null ? null : before.node();
        }
    }

    private void keep(InForce wanted) {
        boolean due = System.nanoTime() - comparedNanos > REPAIR.toNanos();
        if (due || !wanted.equals(inForce)) {
            inForce = wanted;
            cleared = false;
            rules.set(wanted.ports(), wanted.managers());
            comparedNanos = System.nanoTime();
        }
    }

    /** Leaves nothing behind: the machine's own way to the internet counts again. */
    void clear() {
        rules.clear();
        inForce = null;
        cleared = true;
    }

    /** The same when the node goes for good, if it ever had one. */
    void leave() throws IOException {
        if (inForce != null || store.exit().isPresent()) {
            clear();
        }
    }

    private static Set<Integer> ports(Member self) {
        return new TreeSet<>(
                Set.of(self.endpoints().portOn(Plane.MAIN), self.endpoints().portOn(Plane.SPARE)));
    }

    /** Where managers answer: as they are told, and at the addresses that they have besides. */
    private Set<Endpoint> reachedAt(Netmap netmap, Collection<String> managers) {
        Set<Endpoint> found = new TreeSet<>();
        for (String manager : managers) {
            found.addAll(literal(manager).map(Set::of).orElse(resolved.getOrDefault(manager, Set.of())));
        }
        for (Member member : netmap.members()) {
            if (member.role() == Role.MGMT && member.api() != null) {
                int port = port(member.api());
                member.endpoints().addresses().forEach(address -> found.add(new Endpoint(address, port)));
            }
        }
        return found;
    }

    /**
     * Asks for the addresses of managers that are known by name, while a way out is in force. Blocks; a name that cannot be
     * asked for keeps what it had.
     */
    void resolve(Collection<String> managers) {
        if (inForce == null) {
            return;
        }
        resolved.keySet().retainAll(managers);
        for (String manager : managers) {
            if (literal(manager).isEmpty()) {
                try {
                    Set<Endpoint> found = new TreeSet<>();
                    String host = manager.substring(0, manager.lastIndexOf(':'));
                    for (InetAddress address : InetAddress.getAllByName(host)) {
                        found.add(new Endpoint(Address.of(address), port(manager)));
                    }
                    resolved.put(manager, found);
                } catch (UnknownHostException e) {
                    LOGGER.log(Level.DEBUG, "no address of manager {0} is known now", manager);
                }
            }
        }
    }

    private static Optional<Endpoint> literal(String manager) {
        try {
            return Optional.of(Endpoint.parse(manager));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static int port(String hostAndPort) {
        return Integer.parseInt(hostAndPort.substring(hostAndPort.lastIndexOf(':') + 1));
    }

    private void say(String line) {
        if (!line.equals(said)) {
            LOGGER.log(Level.WARNING, line);
            said = line;
        }
    }
}
