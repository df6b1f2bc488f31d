package io.wgfabric.javalin.server;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Edition;
import io.wgfabric.api.Role;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.FabricTrust;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Asks the managers that this one knows whether it still belongs to them, now and then, while it waits for a majority:
 * one that was left behind by a recovery, or removed while it was down or cut off, would wait for ever. Used by one
 * thread at a time, which is not blocked.
 */
final class MembershipQuestion {
    /** Makes one of what is known where it is asked. */
    interface Source {
        MembershipQuestion open() throws IOException;
    }

    private static final Logger LOGGER = System.getLogger(MembershipQuestion.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(3);

    private final List<ControlClient> managers;
    private final Supplier<Edition> known;
    private long askedNanos = System.nanoTime();
    private CompletableFuture<@Nullable Edition> answer = CompletableFuture.completedFuture(null);

    /**
     * @param apis {@code HOST:PORT} of REST interfaces
     * @param tls shows this manager's certificate, and believes managers of its cluster
     * @param known what this manager knows itself: who knows less is not believed
     */
    MembershipQuestion(List<String> apis, SSLContext tls, Supplier<Edition> known) {
        managers = apis.stream()
                .map(api -> new ControlClient(tls, List.of(api), null))
                .toList();
        this.known = known;
    }

    /** Of a manager whose folder and replica these are; what it knows is what either has. */
    static MembershipQuestion of(
            DataFolder folder, Credentials credentials, ReplicatedFabric fabric, InstantSource clock)
            throws IOException {
        NodeStore.Identity identity = folder.node().identity();
        FabricTrust managers = new FabricTrust(
                credentials::authorities,
                identity.cluster(),
                other -> other.role() == Role.MGMT && !other.node().equals(identity.node()),
                clock);
        Edition joined;
        try {
            joined = folder.configuration(clock).edition();
        } catch (CryptoException e) {
            LOGGER.log(Level.WARNING, "the stored configuration cannot be verified: {0}", e.getMessage());
            joined = Edition.NONE;
        }
        Edition atLeast = joined;
        return new MembershipQuestion(folder.managers().api(), credentials.tls(managers), () -> {
            Edition here = fabric.view().edition();
            return here.isBefore(atLeast) ? atLeast : here;
        });
    }

    /** @throws IOException once a manager has said that this one is none any more; the message says what to do */
    void check() throws IOException {
        if (!answer.isDone()) {
            return;
        }
        Edition gone = answer.getNow(null);
        if (gone != null) {
            Edition own = known.get();
            throw new IOException(
                    gone.epoch() > own.epoch()
                            ? "the cluster was recovered as epoch " + gone.epoch()
                                    + ", and this manager was left behind in"
                                    + " epoch " + own.epoch()
                                    + "; remove its data folder and join again with a new token"
                            : "this manager is no member of the cluster any more; remove its data folder and join again"
                                    + " with a new token");
        }
        if (System.nanoTime() - askedNanos >= PERIOD.toNanos()) {
            askedNanos = System.nanoTime();
            answer = CompletableFuture.supplyAsync(this::ask);
        }
    }

    /** The state in which this manager is no member, if any manager knows such a one that is not older. */
    private @Nullable Edition ask() {
        for (ControlClient manager : managers) {
            try {
                manager.call("GET", "/v1/status", null, String.class);
            } catch (ControlException e) {
                if (e.slug().equals("node-removed") && !e.asOf().isBefore(known.get())) {
                    return e.asOf();
                }
            }
        }
        return null;
    }
}
