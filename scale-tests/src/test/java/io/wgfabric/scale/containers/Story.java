package io.wgfabric.scale.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.containers.EchoFlow;
import io.wgfabric.simulation.containers.FabricCluster;
import io.wgfabric.simulation.containers.FabricNode;
import io.wgfabric.simulation.containers.JoinToken;
import io.wgfabric.simulation.containers.Reachability;
import io.wgfabric.simulation.netns.PingCount;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** What the suites ask of a fabric in containers. */
final class Story {
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final FabricCluster fabric;

    Story(FabricCluster fabric) {
        this.fabric = fabric;
    }

    static void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /** Reads them from the interfaces: each node has one of each family, which is nobody else's. Returns how many. */
    int assertUniqueAddresses() {
        // A peer that has joined sets its interface up then.
        await("every node has two addresses", () -> overlays().values().stream().allMatch(own -> own.size() == 2));
        Map<Address, String> owners = new HashMap<>();
        overlays().forEach((node, addresses) -> {
            assertEquals(1, addresses.stream().filter(Address::isV4).count(), node + " has " + addresses);
            assertEquals(2, addresses.size(), node + " has " + addresses);
            for (Address address : addresses) {
                assertEquals(null, owners.put(address, node.name()), address + " is " + node + "'s and another's");
            }
        });
        return owners.size();
    }

    private Map<FabricNode<?>, List<Address>> overlays() {
        return fabric.onAll(FabricNode::overlay);
    }

    Reachability assertMesh() {
        Reachability mesh = fabric.awaitMesh();
        assertComplete(mesh);
        return mesh;
    }

    static void assertComplete(Reachability mesh) {
        tell(mesh.pairs() + " directed pairs over IPv4 and IPv6 after "
                + mesh.took().toMillis() / 1e3 + " s");
        assertEquals(Map.of(), mesh.silent());
    }

    /** Returns once answers come. */
    static EchoFlow flow(FabricNode<?> from, FabricNode<?> to) {
        EchoFlow flow = from.echo(to.overlay().get(0), INTERVAL);
        await("answers come from " + to + " to " + from, () -> flow.answers() > 0);
        return flow;
    }

    /** Once answers have come for a while after what happened. */
    static void assertNoneLost(String what, EchoFlow there, EchoFlow back) {
        long answers = there.answers() + back.answers();
        await("answers still come", () -> there.answers() + back.answers() > answers + 25);
        PingCount one = there.stop();
        PingCount other = back.stop();
        tell(one.lost() + other.lost() + " of " + (one.sent() + other.sent()) + " echo requests lost " + what);
        assertEquals(0, one.lost() + other.lost(), what);
    }

    int used(JoinToken token) {
        return fabric.ask("token", "show", token.id()).path("used").asInt(-1);
    }

    static Set<String> names(List<FabricNode<?>> nodes) {
        Set<String> names = new HashSet<>();
        nodes.forEach(node -> names.add(node.name()));
        return names;
    }

    Set<String> members() {
        Set<String> names = new HashSet<>();
        fabric.ask("node", "list").forEach(row -> names.add(row.path("name").asString("")));
        return names;
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within " + LIMIT.toSeconds() + " s: " + what);
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    static String seconds(long since) {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - since) / 1e9);
    }
}
