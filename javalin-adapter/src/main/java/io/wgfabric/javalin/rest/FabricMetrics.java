package io.wgfabric.javalin.rest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.wgfabric.core.log.LogStatus;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What Prometheus sees of this manager. No label has a value that a caller chooses. Thread-safe. */
final class FabricMetrics implements AutoCloseable {
    private static final Duration[] OBJECTIVES = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(200),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collector = new JvmGcMetrics();
    private final Core core;
    private final Timer joins;
    private final LongAdder joined = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final Map<String, Counter> refusals = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> nodes = new ConcurrentHashMap<>();

    FabricMetrics(Core core, IntSupplier watchers) {
        this.core = core;
        // Named against Prometheus' rules, and told by its own exporters as well.
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"))
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
        joins = Timer.builder("fabric.join")
                .description("How long a join takes, refused ones too")
                .publishPercentileHistogram()
                .register(registry);
        FunctionCounter.builder("fabric.joins", joined, LongAdder::sum)
                .description("Joins by what came of them")
                .tag("outcome", "admitted")
                .register(registry);
        FunctionCounter.builder("fabric.joins", failed, LongAdder::sum)
                .description("Joins by what came of them")
                .tag("outcome", "refused")
                .register(registry);
        gauge(
                "fabric.revision",
                "The revision of the state",
                c -> c.fabric().view().revision().number());
        gauge(
                "fabric.tokens",
                "Join tokens that are remembered",
                c -> c.fabric().view().tokens().size());
        FunctionCounter.builder(
                        "fabric.replication.refusals",
                        core,
                        c -> c.fabric().log().refusals())
                .description("Messages of managers that were dropped, because who sent them may not")
                .register(registry);
        gauge(
                "fabric.refusals.waiting",
                "Kinds of refusals that are not in the audit chain yet",
                c -> c.refusals().waiting());
        FunctionCounter.builder(
                        "fabric.configuration.drifts", core, c -> c.drift().count())
                .description("Times that a node's configuration was not the cluster's for long")
                .register(registry);
        FunctionCounter.builder(
                        "fabric.configuration.refusals", core, c -> c.drift().refused())
                .description("Configurations that nodes did not believe, as they told this manager")
                .register(registry);
        FunctionCounter.builder(
                        "fabric.configuration.signatures",
                        core,
                        c -> c.keyring().signer().signatures())
                .description("Configurations and deltas that were signed here with the key that is used now")
                .register(registry);
        gauge("fabric.raft.term", "The current term", c -> log(c).term());
        gauge("fabric.raft.leader", "1 on the leader", c -> log(c).isLeader() ? 1 : 0);
        gauge("fabric.raft.leader.known", "1 while this manager knows a leader", c -> log(c).leader() == null ? 0 : 1);
        gauge("fabric.raft.voters", "Managers that decide", c -> log(c).voters().size());
        gauge(
                "fabric.raft.voters.connected",
                "Those of them that this one is connected to, and itself",
                c -> log(c).voters().stream()
                        .filter(log(c).connected()::contains)
                        .count());
        gauge("fabric.raft.commit.index", "The last committed index", c -> log(c).commitIndex());
        gauge("fabric.raft.applied.index", "The last applied index", c -> log(c).appliedIndex());
        Gauge.builder("fabric.watchers", watchers::getAsInt)
                .description("Open watch streams")
                .register(registry);
        FunctionCounter.builder("fabric.connections.cut", cut, LongAdder::sum)
                .description("Connections that were closed because they were too slow, or too many")
                .register(registry);
        for (String status : StatusRoutes.counts(core, core.fabric().view()).keySet()) {
            if (!status.equals("total")) {
                AtomicInteger count = nodes.computeIfAbsent(status, key -> new AtomicInteger());
                Gauge.builder("fabric.nodes", count, AtomicInteger::get)
                        .tag("status", status)
                        .description("Nodes by status")
                        .register(registry);
            }
        }
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collector.bindTo(registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<Core> value) {
        Gauge.builder(name, core, value).description(description).register(registry);
    }

    private static LogStatus log(Core core) {
        return core.fabric().log().status();
    }

    void joined(@Nullable Throwable failure, long nanos) {
        joins.record(nanos, TimeUnit.NANOSECONDS);
        (failure == null ? joined : failed).increment();
    }

    /** @param count of connections that have shown no credential */
    void newcomers(IntSupplier count) {
        Gauge.builder("fabric.connections.new", count::getAsInt)
                .description("Connections that have shown no credential")
                .register(registry);
    }

    /**
     * A request was answered, watch streams aside.
     *
     * @param route the path as the table of routes has it
     */
    void answered(String method, String route, int status, long nanos) {
        Timer.builder("fabric.http.requests")
                .description("How long requests take, by route")
                .tags("method", method, "route", route, "status", Integer.toString(status))
                .serviceLevelObjectives(OBJECTIVES)
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    /** A connection was closed by its limits. */
    void cut() {
        cut.increment();
    }

    /** @param slug one of the fixed problem types */
    void refused(String slug) {
        refusals.computeIfAbsent(
                        slug,
                        key -> Counter.builder("fabric.refusals")
                                .description("Refused requests by reason")
                                .tag("reason", key)
                                .register(registry))
                .increment();
    }

    /** The text format of Prometheus. */
    String scrape() {
        StatusRoutes.counts(core, core.fabric().view()).forEach((status, count) -> {
            AtomicInteger known = nodes.get(status);
            if (known != null) {
                known.set(count);
            }
        });
        return registry.scrape();
    }

    @Override
    public void close() {
        collector.close();
        registry.close();
    }
}
