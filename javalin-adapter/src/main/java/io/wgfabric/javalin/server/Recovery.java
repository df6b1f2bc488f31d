package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Actor;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command.RecoverCluster;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.Replay;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.javalin.server.DataFolder.Epoch;
import io.wgfabric.javalin.server.DataFolder.Managers;
import io.wgfabric.javalin.server.DataFolder.Recovering;
import io.wgfabric.jgroups.StoppedLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * Makes a new cluster out of one manager when a majority of the others is lost for good. Four steps, each on disk before
 * the next and each harmless to repeat, so that a crash anywhere is mended by asking again: the folder takes the next
 * epoch, in which this manager cannot meet the old ones; the log gets this manager as its only voter; the state begins
 * the epoch and drops the others; the folder says that it is done. The log keeps all its entries, also those that are
 * not known to be committed: a majority may have acknowledged them.
 */
public final class Recovery implements AutoCloseable {
    /** Longer than a probe takes, so that only a name server that hangs is cut short. */
    private static final long PROBE_SECONDS = 10;

    /**
     * What a recovery would do.
     *
     * @param epoch the epoch that begins
     * @param revision of the state that goes on
     * @param dropped names and ids of the managers that go
     * @param hasVote whether this manager counted for decisions; one that did not may lack much
     * @param begun whether a recovery was begun before and not finished
     */
    public record Plan(
            ClusterId cluster,
            NodeName survivor,
            NodeId node,
            long epoch,
            Revision revision,
            List<String> dropped,
            boolean hasVote,
            boolean begun) {}

    private final DataFolder folder;
    private final Environment environment;
    private final Settings settings;
    private final NodeStore.Identity identity;
    private final FabricView stored;
    private final Plan plan;

    private Recovery(
            DataFolder folder,
            Environment environment,
            Settings settings,
            NodeStore.Identity identity,
            FabricView stored,
            Plan plan) {
        this.folder = folder;
        this.environment = environment;
        this.settings = settings;
        this.identity = identity;
        this.stored = stored;
        this.plan = plan;
    }

    /**
     * Takes the folder of a manager that does not run, and reads what it has; changes nothing.
     *
     * @throws IOException if it runs, or cannot be what goes on; the message says why
     */
    public static Recovery open(Path data, Environment environment) throws IOException {
        DataFolder folder = DataFolder.open(data);
        try {
            Settings settings = folder.settings();
            NodeStore.Identity identity = folder.node().identity();
            if (!folder.hasLog()) {
                throw new IOException("the log of this manager is gone; recover on another, or restore a backup");
            }
            Replay replay = new Replay();
            boolean voter;
            try (StoppedLog log = stopped(folder, identity)) {
                log.replay(replay);
                voter = log.voters().contains(identity.node().text());
            }
            Plan plan = plan(folder.epoch(), replay.view(), identity.node(), voter);
            return new Recovery(folder, environment, settings, identity, replay.view(), plan);
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private static StoppedLog stopped(DataFolder folder, NodeStore.Identity identity) throws IOException {
        return StoppedLog.open(
                folder.raft(), identity.cluster().text(), identity.node().text());
    }

    private static Plan plan(Epoch epoch, FabricView view, NodeId self, boolean voter) throws IOException {
        Node node = view.node(self)
                .filter(found -> found.isManager() && found.isActive())
                .orElseThrow(() -> new IOException("by its state, at revision " + view.revision()
                        + ", this is no active manager of the cluster; recover on another, or restore a backup"));
        boolean begun = epoch.recovering() != null;
        return new Plan(
                view.cluster().orElseThrow().id(),
                node.name(),
                self,
                begun ? epoch.number() : Math.max(epoch.number(), view.edition().epoch()) + 1,
                view.revision(),
                view.nodes().stream()
                        .filter(other -> other.isManager() && !other.id().equals(self))
                        .map(other -> other.name() + " (" + other.id() + ")")
                        .toList(),
                voter,
                begun);
    }

    public Plan plan() {
        return plan;
    }

    /**
     * Does it.
     *
     * @param who the person, for the audit chain
     * @return the revision at which the new epoch begins
     * @throws IOException if another manager answers, or a step fails; then repeat it
     */
    public Revision carryOut(String who, String reason) throws IOException {
        requireSilence();
        begin(who, reason);
        isolate();
        Revision revision = decide();
        finish();
        return revision;
    }

    private void requireSilence() throws IOException {
        environment.progress().accept("asking the other managers whether they are there");
        List<String> answering = answering();
        if (!answering.isEmpty()) {
            throw new IOException("manager " + String.join(", ", answering) + " answers: while others live this would"
                    + " split the cluster; start those that you have, or stop them for good and repeat this");
        }
    }

    /** Which of the other managers are there, by name and place. */
    private List<String> answering() throws IOException {
        SSLContext tls = managerTls();
        Map<String, CompletableFuture<Boolean>> asked = new LinkedHashMap<>();
        ExecutorService askers = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "fabric-probe");
            thread.setDaemon(true);
            return thread;
        });
        try {
            others().forEach((name, services) -> {
                HostPort api = HostPort.parse(services.api(), Settings.DEFAULT_PORT);
                HostPort replication = HostPort.parse(services.replication(), Settings.DEFAULT_REPLICATION_PORT);
                asked.put(name + " at " + api, CompletableFuture.supplyAsync(() -> Probe.proves(api, tls), askers));
                asked.put(
                        name + " at " + replication,
                        CompletableFuture.supplyAsync(() -> Probe.connects(replication), askers));
            });
            for (String known : folder.managers().replication()) {
                HostPort replication = HostPort.parse(known, Settings.DEFAULT_REPLICATION_PORT);
                asked.putIfAbsent(
                        "at " + replication, CompletableFuture.supplyAsync(() -> Probe.connects(replication), askers));
            }
            List<String> answering = new ArrayList<>();
            asked.forEach((who, answer) -> {
                if (isTrue(answer)) {
                    answering.add(who);
                }
            });
            return answering;
        } finally {
            askers.shutdownNow();
        }
    }

    private static boolean isTrue(CompletableFuture<Boolean> answer) {
        try {
            return answer.get(PROBE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    /** The other managers by name, as the state has them. */
    private Map<String, ManagerServices> others() {
        Map<String, ManagerServices> others = new LinkedHashMap<>();
        for (Node node : stored.nodes()) {
            ManagerServices services = node.services();
            if (services != null && !node.id().equals(identity.node())) {
                others.put(node.name().text(), services);
            }
        }
        return others;
    }

    /** A context that shows this manager's certificate and believes managers of its cluster. */
    private SSLContext managerTls() throws IOException {
        Credentials credentials = Credentials.of(folder.node());
        return credentials.tls(new FabricTrust(
                credentials::authorities, identity.cluster(), other -> other.role() == Role.MGMT, environment.clock()));
    }

    /** From here on this manager starts in no epoch but the new one. */
    void begin(String who, String reason) throws IOException {
        if (!plan.begun()) {
            folder.saveEpoch(new Epoch(plan.epoch(), true, new Recovering(who, reason)));
        }
    }

    void isolate() throws IOException {
        try (StoppedLog log = stopped(folder, identity)) {
            log.keepAlone();
        }
    }

    Revision decide() throws IOException {
        Recovering recovering = Objects.requireNonNull(folder.epoch().recovering());
        ReplicatedFabric fabric = ReplicaPlace.open(
                identity.cluster(),
                plan.epoch(),
                identity.node(),
                settings,
                folder,
                Credentials.of(folder.node()),
                false,
                List.of(),
                environment);
        try (fabric) {
            Decisions.submit(
                    fabric,
                    Actor.system(recovering.who()),
                    "recover:" + plan.epoch(),
                    new RecoverCluster(plan.epoch(), identity.node(), recovering.reason()));
            return fabric.view().revision();
        }
    }

    void finish() throws IOException {
        String own = new HostPort(settings.advertise(), settings.advertisedPort()).toString();
        folder.saveManagers(new Managers(List.of(), List.of(own)));
        folder.saveEpoch(new Epoch(plan.epoch(), true, null));
    }

    @Override
    public void close() throws IOException {
        folder.close();
    }
}
