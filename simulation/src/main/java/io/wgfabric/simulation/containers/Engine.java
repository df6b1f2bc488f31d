package io.wgfabric.simulation.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Network;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.testcontainers.DockerClientFactory;

/** The container engine of this machine, and what clusters have there. Thread-safe. */
final class Engine {
    /** Of every container and network: the cluster that it is of. */
    static final String CLUSTER_LABEL = "io.wgfabric.cluster";

    /** Of every container and network: the process that made it. */
    static final String OWNER_LABEL = "io.wgfabric.owner";

    /** Kept, since java.util.logging forgets the level of a logger that nobody holds. */
    private static final List<Logger> CHATTERERS =
            List.of(Logger.getLogger("org.testcontainers"), Logger.getLogger("tc"));

    static {
        CHATTERERS.forEach(logger -> logger.setLevel(Level.OFF));
    }

    private Engine() {}

    /** @throws IllegalStateException if there is no engine */
    static DockerClient client() {
        return DockerClientFactory.instance().client();
    }

    /** Why there can be no cluster with these images here; empty if there can be. */
    static Optional<String> whyNot(List<String> images) {
        try {
            for (String image : images) {
                client().inspectImageCmd(image).exec();
            }
            return Optional.empty();
        } catch (NotFoundException e) {
            return Optional.of(
                    "the engine lacks an image of " + String.join(", ", images) + ": deploy/images/build makes them");
        } catch (IllegalStateException | DockerException e) {
            return Optional.of("no container engine answers: start Docker, or set DOCKER_HOST");
        }
    }

    /** Whether a privileged container starts, which an engine that lacks rights itself refuses. */
    static boolean grantsPrivileged(String image) {
        String id = client().createContainerCmd(image)
                .withLabels(labels("probe"))
                .withEntrypoint("/bin/sleep", "0")
                .withHostConfig(HostConfig.newHostConfig().withPrivileged(true))
                .exec()
                .getId();
        try {
            client().startContainerCmd(id).exec();
            return true;
        } catch (DockerException e) {
            return false;
        } finally {
            client().removeContainerCmd(id).withForce(true).exec();
        }
    }

    static Map<String, String> labels(String cluster) {
        return Map.of(CLUSTER_LABEL, cluster, OWNER_LABEL, owner(ProcessHandle.current()));
    }

    /** Host, process id and start: a process id is used again, all three are not. */
    private static String owner(ProcessHandle process) {
        long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return hostName() + "/" + process.pid() + "/" + start;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** Whether the process that made something was one of this host, and is no more. */
    static boolean isAbandoned(String owner) {
        String[] parts = owner.split("/", -1);
        if (parts.length != 3 || !parts[0].equals(hostName())) {
            return false;
        }
        try {
            return ProcessHandle.of(Long.parseLong(parts[1]))
                    .filter(process -> owner(process).equals(owner))
                    .isEmpty();
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /**
     * Removes what processes left that were killed.
     *
     * @return how many containers there were
     */
    static int sweep() {
        int swept = 0;
        for (Container container : client().listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of(OWNER_LABEL))
                .exec()) {
            if (isAbandoned(container.getLabels().getOrDefault(OWNER_LABEL, ""))) {
                remove(container.getId());
                swept++;
            }
        }
        for (Network network : client().listNetworksCmd().exec()) {
            if (isAbandoned(network.getLabels().getOrDefault(OWNER_LABEL, ""))) {
                client().removeNetworkCmd(network.getId()).exec();
            }
        }
        return swept;
    }

    private static List<Container> containers(String cluster) {
        return client().listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(CLUSTER_LABEL, cluster))
                .exec();
    }

    static void removeContainers(String cluster) {
        containers(cluster).forEach(container -> remove(container.getId()));
    }

    /** The containers and networks of a cluster. */
    static List<String> namesOf(String cluster) {
        List<String> names = new ArrayList<>();
        containers(cluster).forEach(container -> names.addAll(List.of(container.getNames())));
        for (Network network : client().listNetworksCmd().exec()) {
            if (cluster.equals(network.getLabels().get(CLUSTER_LABEL))) {
                names.add(network.getName());
            }
        }
        return names;
    }

    /** With its volumes; nothing happens if it is gone. */
    static void remove(String container) {
        try {
            client().removeContainerCmd(container)
                    .withForce(true)
                    .withRemoveVolumes(true)
                    .exec();
        } catch (NotFoundException e) {
            CHATTERERS.get(0).log(Level.FINE, "gone already: {0}", container);
        }
    }
}
