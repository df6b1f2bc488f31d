package io.wgfabric.agent.wireguard;

import io.wgfabric.api.PublicKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Opens the tunnel that this system can have: the kernel's WireGuard where there is one, else userspace. */
public final class Tunnels {
    private static final Path TUN = Path.of("/dev/net/tun");

    private Tunnels() {}

    /**
     * Opens the tunnel of this node without changing anything. Blocking, as {@link Tunnel}.
     *
     * @param interfaceName of plane 0, at most 15 characters; plane 1 has the number at its end raised by one
     * @param ownKeys the public keys of all private keys that this node ever configured: an existing interface with
     *     another key belongs to someone else and is refused. So a key is stored before it is first applied.
     * @throws TunnelException if this system or the rights of this process do not allow a tunnel
     */
    public static Tunnel open(String interfaceName, Set<PublicKey> ownKeys) {
        return open(interfaceName, ownKeys, List.of());
    }

    /** The names of the interfaces of both planes. */
    public static Set<String> interfaceNames(String interfaceName) {
        InterfaceNames names = InterfaceNames.of(interfaceName);
        return Set.of(names.main(), names.spare());
    }

    /** @param commandPrefix put before each program that is run, such as {@code ip netns exec NAME} */
    public static Tunnel open(String interfaceName, Set<PublicKey> ownKeys, List<String> commandPrefix) {
        String named = System.getenv(UserspaceTunnel.IMPLEMENTATION_VARIABLE);
        String implementation = named == null || named.isBlank() ? UserspaceTunnel.DEFAULT_IMPLEMENTATION : named;
        return open(interfaceName, ownKeys, commandPrefix, implementation);
    }

    static Tunnel open(
            String interfaceName, Set<PublicKey> ownKeys, List<String> commandPrefix, String implementation) {
        InterfaceNames names = InterfaceNames.of(interfaceName);
        Commands commands = new Commands(commandPrefix);
        if (Commands.locate("ip") == null) {
            throw new TunnelException("'ip' is not installed: install the package iproute2");
        }
        Links links = new Links(commands);
        Tunnel tunnel;
        if (choosesKernel(names, links)) {
            requireTool();
            tunnel = new KernelTunnel(names, ownKeys, commands, links);
        } else {
            requireUserspace(implementation);
            tunnel = new UserspaceTunnel(names, ownKeys, commands, links, implementation);
        }
        tunnel.read();
        return tunnel;
    }

    /** Interfaces that exist stay what they are; only for new ones the system is tried. */
    private static boolean choosesKernel(InterfaceNames names, Links links) {
        boolean kernel = canMakeKernelLink(names, links);
        for (String name : List.of(names.main(), names.spare())) {
            if (links.find(name) != null) {
                return links.isKernelWireGuard(name);
            }
        }
        return kernel;
    }

    /** The name is of this node alone and always the same: what a process left that was killed here goes with the next. */
    private static boolean canMakeKernelLink(InterfaceNames names, Links links) {
        String probe = String.format(Locale.ROOT, "wgp%08x", names.main().hashCode());
        Commands.Output output = links.addWireGuard(probe);
        if (output.ok() || links.isKernelWireGuard(probe)) {
            links.delete(probe);
            return true;
        }
        if (output.error().contains("Operation not permitted")) {
            throw new TunnelException("this process may not make network interfaces: run it as root, or give it "
                    + "CAP_NET_ADMIN (in a container: --cap-add NET_ADMIN)");
        }
        return false;
    }

    private static void requireTool() {
        if (Commands.locate("wg") == null) {
            throw new TunnelException("'wg' is not installed: install the package wireguard-tools");
        }
    }

    private static void requireUserspace(String implementation) {
        if (Commands.locate(implementation) == null) {
            throw new TunnelException("this kernel has no WireGuard and '" + implementation
                    + "' is not installed: load the kernel module, install the package wireguard-go, or name another"
                    + " program in " + UserspaceTunnel.IMPLEMENTATION_VARIABLE);
        }
        if (!Files.exists(TUN)) {
            throw new TunnelException("this kernel has no WireGuard and " + TUN
                    + " is missing: load the module tun (in a container: --device /dev/net/tun)");
        }
    }
}
