package io.wgfabric.simulation.netns;

import io.wgfabric.api.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A machine of a lab: a network namespace, and a folder of its own where userspace WireGuard keeps its sockets, so that
 * every host can name its interfaces alike. Thread-safe.
 */
public final class LabHost {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** All at once, so that a whole mesh is asked in the time of one answer. */
    private static final String PING_ALL =
            "for t in \"$@\"; do" + " { ping -n -q -c 1 -W 1 \"$t\" >/dev/null 2>&1 && echo \"$t\"; } & done; wait";

    private final LabNetwork network;
    private final String name;
    private final Address address;
    private final Path sockets;

    LabHost(LabNetwork network, String name, Address address, Path sockets) {
        this.network = network;
        this.name = name;
        this.address = address;
        this.sockets = sockets;
    }

    public String name() {
        return name;
    }

    /** Its address in the lab's own network, below the overlay. */
    public Address address() {
        return address;
    }

    /** Where userspace WireGuard of this host has its sockets, as this process sees it. */
    public Path sockets() {
        return sockets;
    }

    /** What {@code ip netns} calls it. */
    public String namespace() {
        return network.id().namespace(name);
    }

    /**
     * The command as it is run on this host; the process that it becomes is the command's own. In a session of its own,
     * so that Ctrl-C is for the lab, which then ends its hosts itself.
     */
    List<String> command(List<String> command) {
        List<String> whole = new ArrayList<>(List.of(
                "ip",
                "netns",
                "exec",
                namespace(),
                "sh",
                "-c",
                "mount --bind \"$0\" " + LabNetwork.SOCKETS + " && exec setsid \"$@\"",
                sockets.toString()));
        whole.addAll(command);
        return whole;
    }

    LabNetwork network() {
        return network;
    }

    /** A file that does not exist yet and goes away with the network. */
    Path newFile(String purpose) {
        return network.newLog(name + "-" + purpose);
    }

    public Shell.Result run(String... command) {
        return run(LIMIT, Map.of(), List.of(command));
    }

    /** @throws LabException if it is not installed, or does not end within the limit */
    public Shell.Result run(Duration limit, Map<String, String> environment, List<String> command) {
        Process process = network.start(() -> Shell.start(environment, command(command)));
        return Shell.finish(process, limit, command);
    }

    /** Starts a program that goes on until it is ended, at the latest with the network. */
    public Process start(Map<String, String> environment, Path log, List<String> command) {
        return network.start(() -> Shell.start(environment, log, command(command)));
    }

    /**
     * Starts a program that the caller talks with: its input and output are the process's streams.
     *
     * @param errors where its error output is appended to
     */
    public Process converse(Map<String, String> environment, Path errors, List<String> command) {
        return network.start(() -> Shell.converse(environment, errors, command(command)));
    }

    /** @throws LabException if it fails, with the reason that it gave */
    public Shell.Result require(String... command) {
        return Shell.require(run(command), List.of(command));
    }

    public List<LabInterface> interfaces() {
        return LabInterface.parse(require("ip", "-j", "addr").out());
    }

    /** The processes of this host. */
    public List<ProcessHandle> processes() {
        return Namespaces.processes(namespace());
    }

    /** Those of the targets that do not answer one echo request within a second. */
    public Set<Address> unreachable(Collection<Address> targets) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", PING_ALL, "ping"));
        targets.forEach(target -> command.add(target.toString()));
        Set<String> answered =
                run(LIMIT, Map.of(), command).out().lines().map(String::strip).collect(Collectors.toSet());
        return targets.stream()
                .filter(target -> !answered.contains(target.toString()))
                .collect(Collectors.toSet());
    }

    /** Starts to send echo requests. */
    public PingFlow ping(Address target, Duration interval) {
        return PingFlow.start(this, target, interval, network.newLog(name + "-ping"));
    }

    /** A process that ends with status 0 when the target answered for the first time. */
    public Process untilAnswer(Address target) {
        return start(
                Map.of(),
                network.newLog(name + "-first-ping"),
                List.of(
                        "sh",
                        "-c",
                        "until ping -n -q -c 1 -W 0.3 \"$0\" >/dev/null 2>&1; do sleep 0.03; done",
                        target.toString()));
    }

    @Override
    public String toString() {
        return name;
    }
}
