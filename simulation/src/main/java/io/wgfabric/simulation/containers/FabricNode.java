package io.wgfabric.simulation.containers;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabInterface;
import io.wgfabric.simulation.netns.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.FrameConsumerResultCallback;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.output.ToStringConsumer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * A manager or a peer in a container of its own. It keeps its data when its program is killed and started again, as a
 * machine does. A part of a {@link FabricCluster}; blocking; thread-safe once it was started.
 *
 * @param <S> the class itself
 */
public abstract class FabricNode<S extends FabricNode<S>> extends GenericContainer<S> {
    /** Until a node is up, or does what it was told. */
    static final Duration LIMIT = Duration.ofMinutes(2);

    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(30);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String TOKEN_FILE = "/run/fabric/token";
    private static final int OWNER_READS = 0400;
    private static final String TUN = "/dev/net/tun";

    /**
     * Containers have IPv6 switched off unless their network has it, and may not write these themselves. The overlay's
     * paths are not the underlay's, hence the loose check of sources (RFC 3704 section 2.4); managers relay.
     */
    private static final Map<String, String> SETTINGS = Map.of(
            "net.ipv6.conf.all.disable_ipv6", "0",
            "net.ipv6.conf.default.disable_ipv6", "0",
            "net.ipv4.conf.all.rp_filter", "2",
            "net.ipv4.ip_forward", "1",
            "net.ipv6.conf.all.forwarding", "1");

    private final String name;
    private final Underlay underlay;
    private final Address address;
    private final AtomicInteger flows = new AtomicInteger();

    FabricNode(String image, String name, Underlay underlay, Address address, Privilege privilege, String cluster) {
        super(DockerImageName.parse(image));
        this.name = name;
        this.underlay = underlay;
        this.address = address;
        withImagePullPolicy(whatever -> false);
        withLabels(Engine.labels(cluster));
        withEnv("FABRIC_NAME", name);
        withEnv("FABRIC_ADVERTISE", address.toString());
        withCreateContainerCmdModifier(command -> {
            HostConfig host = command.getHostConfig() == null ? HostConfig.newHostConfig() : command.getHostConfig();
            host.withNetworkMode(underlay.id()).withSysctls(SETTINGS);
            if (privilege == Privilege.PRIVILEGED) {
                host.withPrivileged(true);
            } else {
                host.withCapAdd(Capability.NET_ADMIN).withDevices(new Device("rwm", TUN, TUN));
            }
            // Nobody asks for their health here, and a hundred checks are a load of their own.
            command.withHostConfig(host)
                    .withHealthcheck(new HealthCheck().withTest(List.of("NONE")))
                    .withHostName(name)
                    .withName(cluster + "-" + name)
                    .withIpv4Address(address.toString());
        });
        waitingFor(new Up());
    }

    /** As a file that only root of the container reads, so that it shows neither in processes nor in the engine's answers. */
    S withToken(JoinToken token) {
        withCopyToContainer(Transferable.of(token.text().getBytes(StandardCharsets.US_ASCII), OWNER_READS), TOKEN_FILE);
        return withEnv("FABRIC_TOKEN_FILE", TOKEN_FILE);
    }

    /** What its program prints when it is up. */
    abstract Pattern up();

    /** @param timesUp how often it had said so before it was started again */
    abstract boolean isBack(long timesUp);

    public final String name() {
        return name;
    }

    /** Its address below the overlay. */
    public final Address address() {
        return address;
    }

    /** Runs a program in the container, as root. */
    public final Shell.Result run(String... command) {
        return run(COMMAND_LIMIT, "root", List.of(command));
    }

    /** @throws LabException if it fails, with the reason that it gave */
    public final Shell.Result require(String... command) {
        Shell.Result result = run(command);
        if (!result.ok()) {
            throw new LabException("'" + command[0] + "' on " + this + " failed: " + result.reason());
        }
        return result;
    }

    /**
     * Runs a program in the container to its end.
     *
     * @throws LabException if the container does not run, or the program does not end within the limit
     */
    final Shell.Result run(Duration limit, String user, List<String> command) {
        ToStringConsumer out = new ToStringConsumer();
        ToStringConsumer err = new ToStringConsumer();
        try (FrameConsumerResultCallback frames = new FrameConsumerResultCallback()) {
            frames.addConsumer(OutputFrame.OutputType.STDOUT, out);
            frames.addConsumer(OutputFrame.OutputType.STDERR, err);
            String exec = getDockerClient()
                    .execCreateCmd(getContainerId())
                    .withAttachStdout(true)
                    .withAttachStderr(true)
                    .withUser(user)
                    .withCmd(command.toArray(String[]::new))
                    .exec()
                    .getId();
            if (!getDockerClient()
                    .execStartCmd(exec)
                    .exec(frames)
                    .awaitCompletion(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LabException(
                        "'" + command.get(0) + "' on " + this + " did not end in " + limit.toSeconds() + " s");
            }
            Long status = getDockerClient().inspectExecCmd(exec).exec().getExitCodeLong();
            return new Shell.Result(status == null ? -1 : status.intValue(), out.toUtf8String(), err.toUtf8String());
        } catch (DockerException | IOException e) {
            throw new LabException("cannot run '" + command.get(0) + "' on " + this + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }

    /** Its overlay addresses, as they are on its WireGuard interfaces; empty while it has none. */
    public final List<Address> overlay() {
        return LabInterface.parse(require("ip", "-j", "addr").out()).stream()
                .filter(each -> each.name().startsWith("wgf"))
                .flatMap(each -> each.addresses().stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** Its processes, {@code java} and {@code wireguard-go} among them. */
    public final List<ProcessUse> processes() {
        return ProcessUse.parse(
                require(ProcessUse.COMMAND.toArray(String[]::new)).out());
    }

    /** Those of the targets that do not answer one of two echo requests. */
    public final Set<Address> unreachable(Collection<Address> targets) {
        if (targets.isEmpty()) {
            return Set.of();
        }
        List<String> command = new ArrayList<>(List.of("fping", "-u", "-r", "1", "-t", "500", "-i", "1"));
        targets.forEach(target -> command.add(target.toString()));
        Shell.Result result = run(COMMAND_LIMIT, "root", command);
        // 1 says that some do not answer.
        if (result.status() > 1) {
            throw new LabException("fping on " + this + " failed: " + result.reason());
        }
        Set<String> silent = result.out().lines().map(String::strip).collect(Collectors.toSet());
        return targets.stream()
                .filter(target -> silent.contains(target.toString()))
                .collect(Collectors.toSet());
    }

    /** Starts to send echo requests. */
    public final EchoFlow echo(Address target, Duration interval) {
        return EchoFlow.start(this, target, interval, flows.incrementAndGet());
    }

    /** The power fails: all its processes are killed, and its interfaces go. */
    public final void kill() {
        getDockerClient().killContainerCmd(getContainerId()).exec();
        await("ends", () -> !isRunning());
    }

    /** It is switched on again after {@link #kill}, with what it has on its disk. Returns once it is up. */
    public final void restart() {
        long before = timesUp();
        getDockerClient().startContainerCmd(getContainerId()).exec();
        awaitUp(() -> isBack(before));
    }

    /** It hangs: its processes stand still, its connections stay open. */
    public final void pause() {
        getDockerClient().pauseContainerCmd(getContainerId()).exec();
    }

    public final void unpause() {
        getDockerClient().unpauseContainerCmd(getContainerId()).exec();
    }

    /** Its cable is pulled. */
    public final void cut() {
        underlay.disconnect(getContainerId());
    }

    /** Its cable is plugged in again; its address is the same. */
    public final void heal() {
        underlay.connect(getContainerId(), address);
    }

    final long timesUp() {
        return up().matcher(getLogs()).results().count();
    }

    /** What it printed last, for the message of a failure. */
    private String lastWord() {
        return getLogs()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .reduce((first, second) -> second)
                .orElse("it printed nothing");
    }

    private void awaitUp(BooleanSupplier up) {
        await("is up", () -> {
            InspectContainerResponse.ContainerState state =
                    getCurrentContainerInfo().getState();
            if (Boolean.FALSE.equals(state.getRunning())) {
                throw new LabException(this + " ended with exit status " + state.getExitCodeLong() + ": " + lastWord());
            }
            return up.getAsBoolean();
        });
    }

    final void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                throw new LabException(
                        "not within " + LIMIT.toSeconds() + " s: " + this + " " + what + "; it says: " + lastWord());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Until the program says that it is up; a program that ends is not waited for. */
    private final class Up extends AbstractWaitStrategy {
        @Override
        protected void waitUntilReady() {
            awaitUp(() -> timesUp() > 0);
        }
    }

    /** A container is itself alone. */
    @Override
    public final boolean equals(Object other) {
        return this == other;
    }

    @Override
    public final int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public final String toString() {
        return name;
    }
}
