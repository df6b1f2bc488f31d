package io.wgfabric.simulation.lab;

import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabNetwork;
import io.wgfabric.simulation.netns.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What the lab needs of the system, and how it comes there. */
final class Requirements {
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(10);
    private static final Path TUN = Path.of("/dev/net/tun");
    private static final String USERSPACE_VARIABLE = "WG_QUICK_USERSPACE_IMPLEMENTATION";
    private static final String USERSPACE = "wireguard-go";

    /** Programs and the Debian packages that they are in. */
    private static final Map<String, String> PACKAGES = packages();

    private final Consumer<String> say;

    /** @param say hears what is installed */
    Requirements(Consumer<String> say) {
        this.say = say;
    }

    private static Map<String, String> packages() {
        Map<String, String> packages = new LinkedHashMap<>();
        packages.put("ip", "iproute2");
        packages.put("ping", "iputils-ping");
        packages.put("wg", "wireguard-tools");
        packages.put("mount", "mount");
        return packages;
    }

    /**
     * Installs what is missing where that can be done.
     *
     * @throws LabException that names what to install
     */
    void provideTools() {
        boolean root = Shell.run("id", "-u").out().strip().equals("0");
        List<String> missing = PACKAGES.keySet().stream()
                .filter(program -> !Shell.has(program))
                .toList();
        if (!root) {
            throw new LabException("the lab makes network namespaces and WireGuard interfaces and must run as root: "
                    + "sudo ./fabric lab"
                    + (missing.isEmpty() ? "" : " (and these are missing: " + String.join(", ", missing) + ")"));
        }
        provide(missing);
        LabNetwork.whyNot().ifPresent(why -> {
            throw new LabException("this machine cannot have the lab: " + why);
        });
    }

    /**
     * Answers which WireGuard the nodes will use.
     *
     * @throws LabException that names what to install
     */
    String provideWireGuard(LabNetwork network) {
        if (network.kernelHasWireGuard()) {
            return "WireGuard of the kernel";
        }
        String named = System.getenv(USERSPACE_VARIABLE);
        String implementation = named == null || named.isBlank() ? USERSPACE : named;
        boolean there = implementation.indexOf('/') >= 0
                ? Files.isExecutable(Path.of(implementation))
                : Shell.has(implementation);
        if (!there && implementation.equals(USERSPACE)) {
            provide(List.of(USERSPACE));
        } else if (!there) {
            throw new LabException(
                    "'" + implementation + "', which " + USERSPACE_VARIABLE + " names, is not installed");
        }
        if (!Files.exists(TUN)) {
            throw new LabException("this kernel has no WireGuard, and " + TUN
                    + " is missing: load the module tun (in a container: --device /dev/net/tun)");
        }
        return implementation + ", since this kernel has no WireGuard";
    }

    private void provide(List<String> programs) {
        if (programs.isEmpty()) {
            return;
        }
        List<String> packages = programs.stream()
                .map(program -> PACKAGES.getOrDefault(program, program))
                .toList();
        if (!isDebian()) {
            throw new LabException("the lab needs " + String.join(", ", programs) + ": install "
                    + packages.stream().collect(Collectors.joining(" ")) + " (names as in Debian), then run it again");
        }
        say.accept("installing with apt-get: " + String.join(", ", packages));
        Shell.Result result = install(packages);
        if (!result.ok()) {
            // The lists of a fresh machine are empty or old.
            apt(List.of("update", "-q"));
            result = install(packages);
        }
        if (!result.ok() || !programs.stream().allMatch(Shell::has)) {
            throw new LabException("apt-get could not install " + String.join(", ", packages) + ": " + result.reason());
        }
    }

    private static Shell.Result install(List<String> packages) {
        List<String> arguments = new ArrayList<>(List.of("install", "-q", "-y", "--no-install-recommends"));
        arguments.addAll(packages);
        return apt(arguments);
    }

    private static Shell.Result apt(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("apt-get", "-o", "DPkg::Lock::Timeout=120"));
        command.addAll(arguments);
        return Shell.run(INSTALL_LIMIT, Map.of("DEBIAN_FRONTEND", "noninteractive"), command);
    }

    private static boolean isDebian() {
        if (!Shell.has("apt-get")) {
            return false;
        }
        try {
            return isDebian(Files.readString(Path.of("/etc/os-release")));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether this is the {@code os-release} of Debian or of something made from it, see os-release(5). */
    static boolean isDebian(String osRelease) {
        return osRelease
                .lines()
                .filter(line -> line.startsWith("ID=") || line.startsWith("ID_LIKE="))
                .map(line -> line.substring(line.indexOf('=') + 1).replace("\"", ""))
                .flatMap(value -> List.of(value.split(" ", -1)).stream())
                .anyMatch(name -> name.equals("debian") || name.equals("ubuntu"));
    }
}
