package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** A process with the agent's tunnel code that ends without a farewell after so many changes. */
final class ShortLife {
    private static final int HALTED = 137;
    private static final int LIMIT_SECONDS = 60;

    private ShortLife() {}

    /** Arguments: interface, namespace, stage, address of the peer below the overlay, number of changes. */
    public static void main(String[] arguments) {
        Tunnel tunnel = Tunnels.open(arguments[0], Stage.keys(), List.of("ip", "netns", "exec", arguments[1]));
        DesiredNetwork desired = Stage.valueOf(arguments[2]).node(Address.parse(arguments[3]));
        List<Change> changes =
                Reconciler.reconcile(desired, tunnel.read(), Instant.now()).changes();
        int limit = Integer.parseInt(arguments[4]);
        tunnel.apply(changes.subList(0, Math.min(limit, changes.size())));
        Runtime.getRuntime().halt(limit < changes.size() ? HALTED : 0);
    }

    /** Of what it needs, also where tests have a class loader of their own. */
    private static String classPath() throws URISyntaxException {
        List<String> places = new ArrayList<>();
        for (Class<?> part : List.of(ShortLife.class, Tunnels.class, Address.class, X25519.class)) {
            places.add(Path.of(part.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        return String.join(":", places);
    }

    /** Runs one to its end; answers whether it was cut short. */
    static boolean isCutShort(Lab.Node node, Stage stage, Address peer, int changes) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                classPath(),
                ShortLife.class.getName()));
        command.addAll(
                List.of(node.interfaceName, node.namespace, stage.name(), peer.toString(), Integer.toString(changes)));
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it does not end");
        }
        if (process.exitValue() != 0 && process.exitValue() != HALTED) {
            throw new AssertionError("it failed with status " + process.exitValue());
        }
        return process.exitValue() == HALTED;
    }
}
