package io.wgfabric.simulation.containers;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.Network.Ipam;
import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import io.wgfabric.simulation.netns.LabException;
import java.util.List;
import java.util.Map;

/**
 * The network below the overlay, one bridge of the engine. Every node has an address of its own that stays the same when
 * its container is cut off and connected again. Thread-safe.
 */
final class Underlay implements AutoCloseable {
    private static final int ATTEMPTS = 5;
    private static final long MANAGERS_FROM = 10;
    private static final long PEERS_FROM = 256;

    private final String id;
    private final Prefix subnet;

    private Underlay(String id, Prefix subnet) {
        this.id = id;
        this.subnet = subnet;
    }

    /** @throws LabException if the engine has no subnet left */
    static Underlay create(String name, Map<String, String> labels) {
        for (int attempt = 1; ; attempt++) {
            Prefix subnet = freeSubnet(name, labels);
            try {
                return new Underlay(
                        make(name, labels, new Ipam().withConfig(new Ipam.Config().withSubnet(subnet.toString()))),
                        subnet);
            } catch (DockerException e) {
                // Somebody else took it in the meantime.
                if (attempt == ATTEMPTS) {
                    throw new LabException("the engine makes no network: " + e.getMessage(), e);
                }
            }
        }
    }

    /**
     * A subnet as the engine chooses it. Only in a network whose subnet was named can containers have fixed addresses, so
     * it is asked for one without, which goes away again.
     */
    private static Prefix freeSubnet(String name, Map<String, String> labels) {
        String probe = make(name + "-probe", labels, new Ipam());
        try {
            List<Ipam.Config> configs = Engine.client()
                    .inspectNetworkCmd()
                    .withNetworkId(probe)
                    .exec()
                    .getIpam()
                    .getConfig();
            return configs.stream()
                    .map(config -> Prefix.parse(String.valueOf(config.getSubnet())))
                    .filter(Prefix::isV4)
                    .findFirst()
                    .orElseThrow(() -> new LabException("the engine gives networks no IPv4 subnet"));
        } finally {
            Engine.client().removeNetworkCmd(probe).exec();
        }
    }

    private static String make(String name, Map<String, String> labels, Ipam ipam) {
        return Engine.client()
                .createNetworkCmd()
                .withName(name)
                .withDriver("bridge")
                .withLabels(labels)
                .withIpam(ipam)
                .exec()
                .getId();
    }

    String id() {
        return id;
    }

    /** @param number of the node, from 1 */
    Address address(boolean manager, int number) {
        return subnet.at((manager ? MANAGERS_FROM : PEERS_FROM) + number);
    }

    void disconnect(String container) {
        Engine.client()
                .disconnectFromNetworkCmd()
                .withContainerId(container)
                .withNetworkId(id)
                .withForce(true)
                .exec();
    }

    void connect(String container, Address address) {
        Engine.client()
                .connectToNetworkCmd()
                .withContainerId(container)
                .withNetworkId(id)
                .withContainerNetwork(new ContainerNetwork()
                        .withIpamConfig(new ContainerNetwork.Ipam().withIpv4Address(address.toString())))
                .exec();
    }

    @Override
    public void close() {
        Engine.client().removeNetworkCmd(id).exec();
    }
}
