package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A manager or a peer of the lab: its host, its folder, its program. Used by one thread at a time. */
public final class LabNode {
    private final String name;
    private final boolean manager;
    private final LabHost host;
    private final Path data;
    private final Path log;
    private volatile @Nullable Process process;
    private volatile boolean restarted;
    private volatile @Nullable Duration joinedIn;
    private volatile List<Address> overlay = List.of();
    private volatile String state = "not started";

    /** @param data its data folder, which does not exist yet */
    LabNode(LabHost host, boolean manager, Path data, Path log) {
        this.name = host.name();
        this.manager = manager;
        this.host = host;
        this.data = data;
        this.log = log;
    }

    public String name() {
        return name;
    }

    public boolean isManager() {
        return manager;
    }

    public LabHost host() {
        return host;
    }

    public Path data() {
        return data;
    }

    public Path log() {
        return log;
    }

    public boolean isAlive() {
        Process current = process;
        return current != null && current.isAlive();
    }

    void started(Process newProcess) {
        restarted = process != null;
        process = newProcess;
        state = "starting";
    }

    boolean wasRestarted() {
        return restarted;
    }

    public Process process() {
        Process current = process;
        if (current == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return current;
    }

    Optional<Duration> joinedIn() {
        return Optional.ofNullable(joinedIn);
    }

    void joined(Duration time) {
        joinedIn = time;
        state = "up";
    }

    String state() {
        return state;
    }

    void setState(String newState) {
        state = newState;
    }

    /** Its overlay addresses, as {@link #readOverlay} found them on its interfaces. */
    public List<Address> overlay() {
        return overlay;
    }

    public Optional<Address> v4() {
        return overlay.stream().filter(Address::isV4).findFirst();
    }

    Optional<Address> v6() {
        return overlay.stream().filter(address -> !address.isV4()).findFirst();
    }

    Report.NodeRow row() {
        return new Report.NodeRow(name, manager, overlay, joinedIn(), state);
    }

    /** Asks the system, not the fabric, which addresses this node has beside those of the lab's own network. */
    public void readOverlay() {
        overlay = host.interfaces().stream()
                .flatMap(each -> each.addresses().stream())
                .filter(address -> !address.toInetAddress().isLoopbackAddress() && !address.equals(host.address()))
                .distinct()
                .sorted()
                .toList();
    }

    /** The last lines that its program wrote. */
    public List<String> lastWords(int lines) {
        try (Stream<String> all = Files.lines(log)) {
            List<String> read = all.toList();
            return read.subList(Math.max(0, read.size() - lines), read.size());
        } catch (IOException | java.io.UncheckedIOException e) {
            return List.of();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
