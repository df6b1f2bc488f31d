package io.wgfabric.javalin.doctor;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.NodeClients;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.agent.wireguard.Tunnels;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.javalin.doctor.ManagerChecks.Sight;
import io.wgfabric.javalin.doctor.NodeChecks.Holder;
import io.wgfabric.javalin.doctor.NodeChecks.Under;
import io.wgfabric.javalin.doctor.NodeChecks.Wire;
import io.wgfabric.javalin.server.Access;
import io.wgfabric.javalin.server.HostPort;
import io.wgfabric.javalin.server.Probe;
import io.wgfabric.javalin.server.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at this machine, at the node on it, and at the managers that it knows. Changes nothing; takes some seconds. */
public final class Doctor {
    private static final int MOST_PATHS = 3;

    private final InstantSource clock;
    private final List<Finding> found = new ArrayList<>();

    private Doctor(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * All checks that make sense here.
     *
     * @param data the folder where a node may live
     * @param operator an operator's file; where there is one and no node, this machine is an operator's and needs nothing
     * @param always whether the managers are asked with that file even where there is a node
     */
    public static List<Finding> look(Path data, @Nullable Path operator, boolean always, InstantSource clock) {
        Doctor doctor = new Doctor(clock);
        doctor.look(data, operator, always);
        return List.copyOf(doctor.found);
    }

    private void look(Path data, @Nullable Path operator, boolean always) {
        Place place;
        try {
            place = Place.of(data);
        } catch (IOException | RuntimeException e) {
            add(Finding.failed("data", data + " cannot be read", String.valueOf(e.getMessage())));
            place = new Place(data, null, null);
        }
        if (place.node() != null || operator == null) {
            host(place);
        }
        if (place.node() == null && operator == null) {
            ports();
        }
        if (place.node() != null) {
            node(place, place.node());
        }
        try {
            Access.Way way =
                    operator != null && (always || place.node() == null) ? Access.operatorWay(operator) : way(place);
            if (way != null) {
                managers(place, way);
            }
        } catch (IOException | CryptoException e) {
            add(Finding.failed("manager", "none can be asked", String.valueOf(e.getMessage())));
        }
    }

    private void add(Finding finding) {
        found.add(finding);
    }

    private static Access.@Nullable Way way(Place place) throws IOException {
        NodeStore node = place.node();
        if (node == null) {
            return null;
        }
        return place.settings() == null
                ? new Access.Way(NodeClients.of(node), NodeClients.trust(node))
                : Access.folderWay(place.folder());
    }

    private void host(Place place) {
        add(HostChecks.rights(HostProbe.rights(), place.tunnel()));
        if (place.tunnel()) {
            found.addAll(HostChecks.programs(Tunnels.means(Settings.DEFAULT_INTERFACE)));
        }
        try {
            add(HostChecks.disk(place.folder(), HostProbe.free(place.folder())));
            if (place.node() != null) {
                found.addAll(HostChecks.modes(HostProbe.modes(place.closed())));
            }
        } catch (IOException e) {
            add(Finding.failed("disk", place.folder() + " cannot be looked at", String.valueOf(e.getMessage())));
        }
    }

    /** Those that a node to come would have. */
    private void ports() {
        udp(Settings.DEFAULT_WIREGUARD_PORT, "--wireguard-port");
        udp(Settings.DEFAULT_WIREGUARD_PORT + 1, "--spare-port");
        tcp(Settings.DEFAULT_PORT, "--port");
        tcp(Settings.DEFAULT_REPLICATION_PORT, "--replication-port");
    }

    private void udp(int port, String option) {
        add(NodeChecks.free(port + "/udp", option, HostProbe.isUdpTaken(port)));
    }

    private void tcp(int port, String option) {
        add(NodeChecks.free(port + "/tcp", option, HostProbe.isTcpTaken(port)));
    }

    private void node(Place place, NodeStore node) {
        try {
            X509Certificate certificate = node.certificate();
            add(NodeChecks.certificate(
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant(),
                    clock.instant(),
                    place.start()));
            NodeStore.Identity identity = node.identity();
            Settings settings = place.settings();
            if (settings != null) {
                listening(settings, place);
            }
            if (identity.interfaceName() != null && node.netmap().isPresent()) {
                String name = identity.interfaceName();
                int port = settings == null ? identity.mainPort() : settings.wireguardPort();
                add(NodeChecks.wire(
                        new Wire(name, HostProbe.hasInterface(name), port, HostProbe.isUdpTaken(port)), place.start()));
            }
        } catch (IOException | RuntimeException e) {
            add(Finding.failed("node", "its files cannot be read", String.valueOf(e.getMessage())));
        }
    }

    private void listening(Settings settings, Place place) throws IOException {
        String host = settings.bind().equals(Settings.DEFAULT_BIND) ? "127.0.0.1" : settings.bind();
        HostPort rest = new HostPort(host, settings.port());
        boolean serves = Probe.connects(rest) && isThisCluster(place, rest);
        Holder holder = serves ? Holder.THIS_MANAGER : Probe.connects(rest) ? Holder.ANOTHER : Holder.NOBODY;
        add(NodeChecks.listens(settings.port(), "--port", holder));
        boolean replicates = Probe.connects(new HostPort(host, settings.replicationPort()));
        // The two are opened and closed together.
        Holder second = !replicates ? Holder.NOBODY : serves ? Holder.THIS_MANAGER : Holder.ANOTHER;
        add(NodeChecks.listens(settings.replicationPort(), "--replication-port", second));
        for (String other : Access.replicationOfOthers(place.folder())) {
            boolean open = Probe.connects(HostPort.parse(other, Settings.DEFAULT_REPLICATION_PORT));
            add(NodeChecks.reaches(other, open));
        }
    }

    private boolean isThisCluster(Place place, HostPort rest) throws IOException {
        return new ManagerClock(Access.folderWay(place.folder()).trust(), clock)
                .ahead(rest.toString())
                .isPresent();
    }

    private void managers(Place place, Access.Way way) throws IOException {
        List<Sight> sights = new ManagerProbe(way.client(), way.trust(), clock).look();
        for (Sight sight : sights) {
            add(ManagerChecks.answers(sight));
            if (sight.status() != null || sight.ahead() != null) {
                add(ManagerChecks.clock(sight));
            }
        }
        found.addAll(ManagerChecks.state(sights));
        NodeStore node = place.node();
        if (node == null) {
            return;
        }
        NodeStore.Identity identity = node.identity();
        if (sights.stream().anyMatch(sight -> sight.status() != null)) {
            standing(place, identity, way.client());
        }
        if (identity.interfaceName() != null) {
            paths(identity.interfaceName(), sights);
        }
    }

    private void standing(Place place, NodeStore.Identity identity, ControlClient client) {
        try {
            String text = client.call("GET", "/v1/nodes/" + identity.node(), null, String.class);
            add(ManagerChecks.standing(Json.mapper().readTree(text), place.start()));
        } catch (ControlException e) {
            add(Finding.failed("node", "the managers say nothing of it", String.valueOf(e.getMessage())));
        }
    }

    private void paths(String interfaceName, List<Sight> sights) {
        List<Under> unders = sights.stream()
                .map(sight -> HostPort.parse(sight.at(), Settings.DEFAULT_PORT).host())
                .distinct()
                .flatMap(host -> HostProbe.under(interfaceName, host).stream())
                .limit(MOST_PATHS)
                .toList();
        for (Under under : unders) {
            add(NodeChecks.mtu(under, under.largest() > under.linkMtu() ? null : HostProbe.send(under)));
        }
    }
}
