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
    private static final Path MODULE = Path.of("/sys/module/wireguard");

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

    /**
     * What this system has for a tunnel.
     *
     * @param ip whether the program of iproute2 is there
     * @param wg whether the program of wireguard-tools is there
     * @param kernel whether the kernel does WireGuard, as far as this process may find out
     * @param implementation the program that does it otherwise
     * @param userspace whether that program is there
     * @param tun whether the device is there that such a program needs
     */
    public record Means(
            boolean ip, boolean wg, boolean kernel, String implementation, boolean userspace, boolean tun) {}

    /** Finds out, for a node with this interface or one that might have it. Blocking, as {@link Tunnel}. */
    public static Means means(String interfaceName) {
        return means(interfaceName, implementation());
    }

    static Means means(String interfaceName, String implementation) {
        boolean ip = Commands.locate("ip") != null;
        return new Means(
                ip,
                Commands.locate("wg") != null,
                ip && hasKernel(InterfaceNames.of(interfaceName), new Links(new Commands(List.of()))),
                implementation,
                Commands.locate(implementation) != null,
                Files.exists(TUN));
    }

    private static boolean hasKernel(InterfaceNames names, Links links) {
        try {
            return links.isKernelWireGuard(names.main()) || canMakeKernelLink(names, links);
        } catch (TunnelException e) {
            // Without the right to try, a module that is loaded is all that is known.
            return Files.exists(MODULE);
        }
    }

    /** The names of the interfaces of both planes. */
    public static Set<String> interfaceNames(String interfaceName) {
        InterfaceNames names = InterfaceNames.of(interfaceName);
        return Set.of(names.main(), names.spare());
    }

    /** @param commandPrefix put before each program that is run, such as {@code ip netns exec NAME} */
    public static Tunnel open(String interfaceName, Set<PublicKey> ownKeys, List<String> commandPrefix) {
        return open(interfaceName, ownKeys, commandPrefix, implementation());
    }

    private static String implementation() {
        String named = System.getenv(UserspaceTunnel.IMPLEMENTATION_VARIABLE);
        return named == null || named.isBlank() ? UserspaceTunnel.DEFAULT_IMPLEMENTATION : named;
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
