package io.wgfabric.javalin.doctor;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.javalin.doctor.ManagerChecks.Sight;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Asks every manager that is known, all at once. */
final class ManagerProbe {
    /** A state is read while others are written: so often it is read again until all are at one revision. */
    private static final int READS = 3;

    /** More than a cluster has. */
    private static final int MOST = 32;

    private static final int AT_ONCE = 8;

    private final ControlClient client;
    private final ManagerClock clocks;

    /** @param trust what the client believes */
    ManagerProbe(ControlClient client, FabricTrust trust, InstantSource clock) {
        this.client = client;
        clocks = new ManagerClock(trust, clock);
    }

    /** Those that were named, and those that these name. Blocks for as long as the slowest does not answer. */
    List<Sight> look() {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            Set<String> known = new LinkedHashSet<>(client.managers());
            List<Sight> sights = new ArrayList<>(ask(List.copyOf(known), threads));
            Set<String> more = new LinkedHashSet<>();
            for (Sight sight : sights) {
                apis(sight.status()).forEach(more::add);
            }
            more.removeAll(known);
            sights.addAll(ask(more.stream().limit(MOST).toList(), threads));
            for (int i = 1; i < READS && ages(sights) > 1; i++) {
                sights = again(sights, threads);
            }
            return distinct(sights);
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<String> apis(@Nullable JsonNode status) {
        return status == null
                ? List.of()
                : status.path("managers")
                        .valueStream()
                        .map(manager -> manager.path("api").asString(""))
                        .filter(api -> !api.isEmpty())
                        .toList();
    }

    private List<Sight> ask(List<String> managers, ExecutorService threads) {
        List<CompletableFuture<Sight>> asked = managers.stream()
                .map(manager -> CompletableFuture.supplyAsync(() -> ask(manager), threads))
                .toList();
        return asked.stream().map(CompletableFuture::join).toList();
    }

    private List<Sight> again(List<Sight> sights, ExecutorService threads) {
        List<CompletableFuture<Sight>> asked = sights.stream()
                .map(sight -> sight.status() == null
                        ? CompletableFuture.completedFuture(sight)
                        : CompletableFuture.supplyAsync(() -> status(sight), threads))
                .toList();
        return new ArrayList<>(asked.stream().map(CompletableFuture::join).toList());
    }

    private Sight ask(String manager) {
        return status(new Sight(manager, clocks.ahead(manager).orElse(null), null, null));
    }

    private Sight status(Sight sight) {
        try {
            String text = client.at(sight.at()).call("GET", "/v1/status", null, String.class);
            return new Sight(sight.at(), sight.ahead(), Json.mapper().readTree(text), null);
        } catch (ControlException e) {
            return new Sight(sight.at(), sight.ahead(), null, e);
        }
    }

    private static long ages(List<Sight> sights) {
        return sights.stream()
                .filter(sight -> sight.status() != null)
                .map(Sight::age)
                .distinct()
                .count();
    }

    /** A manager that is known by its name and by its address is one. */
    private static List<Sight> distinct(List<Sight> sights) {
        Set<String> seen = new LinkedHashSet<>();
        return sights.stream()
                .filter(sight -> sight.status() == null
                        || seen.add(Objects.requireNonNull(sight.status())
                                .at("/manager/id")
                                .asString("")))
                .toList();
    }
}
