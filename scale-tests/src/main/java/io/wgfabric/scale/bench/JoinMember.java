package io.wgfabric.scale.bench;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command.SetMeshPolicy;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Topology;
import io.wgfabric.core.EmbeddedFabric;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.wire.JoinRequest;
import io.wgfabric.jgroups.JGroupsLog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The process of an application that embeds the fabric: whole joins in the leader's own process, with no HTTP. */
public final class JoinMember {
    private static final Duration GROW_LIMIT = Duration.ofSeconds(50);
    private static final List<Prefix> POOLS = List.of(Prefix.parse("100.64.0.0/10"), Prefix.parse("fd77:1::/48"));

    /** The same for all members, since only one process of the run has ever seen the state. */
    private static final Bytes SEALING_KEY = Bytes.of(new byte[32]);

    private JoinMember() {}

    /** @param arguments {@link MemberPlan#arguments}; member 0 founds the cluster and gives out the token */
    public static void main(String[] arguments) throws Exception {
        MemberPlan plan = MemberPlan.parse(arguments);
        JGroupsLog.Builder builder = JGroupsLog.builder()
                .cluster("bench-joins")
                .self(plan.id())
                .bind(plan.bind())
                .directory(plan.data())
                .members(plan::peers)
                .tls(Authority.context(plan.keys(), plan.id()));
        if (plan.number() == 0) {
            builder.bootstrap();
        }
        try (JGroupsLog log = builder.build()) {
            if (plan.number() == 0) {
                found(plan, log);
            } else {
                follow(plan, log);
            }
        }
    }

    private static void found(MemberPlan plan, JGroupsLog log) throws Exception {
        try (EmbeddedFabric fabric = EmbeddedFabric.open(log, POOLS, SEALING_KEY, InstantSource.system())) {
            Actor actor = Actor.application("bench");
            if (System.getProperty("bench.topology", "hub").equals("hub")) {
                fabric.fabric()
                        .submit(
                                actor,
                                new RequestId("bench-topology"),
                                new SetMeshPolicy(new MeshPolicy(Topology.HUB, null)))
                        .toCompletableFuture()
                        .join()
                        .orThrow();
            }
            String token = fabric.tokens()
                    .issue(
                            actor,
                            new RequestId("bench-token"),
                            new TokenDesk.Wish(Role.PEER, Duration.ofHours(6), 0, new TreeSet<>(), null, false))
                    .toCompletableFuture()
                    .join()
                    .text();
            Front.serve(plan.front(), new Faced(log, fabric, token));
            Front.untilInputEnds();
        }
    }

    /** Only replicates: what a manager that does not lead has to do for a join of the leader's. */
    private static void follow(MemberPlan plan, JGroupsLog log) throws Exception {
        CompletableFuture<EmbeddedFabric> opened = CompletableFuture.supplyAsync(
                () -> EmbeddedFabric.open(log, POOLS, SEALING_KEY, InstantSource.system()));
        Front.serve(plan.front(), new Front.Member() {
            @Override
            public CompletionStage<byte[]> append(byte[] command) {
                return CompletableFuture.failedFuture(new IllegalStateException("this one does not lead"));
            }

            @Override
            public String status() {
                return JoinMember.status(log);
            }

            @Override
            public CompletionStage<Void> addVoter(String member) {
                return CompletableFuture.failedFuture(new IllegalStateException("this one does not lead"));
            }
        });
        Front.untilInputEnds();
        opened.join().close();
    }

    private static String status(JGroupsLog log) {
        LogStatus status = log.status();
        return status.role().name().toLowerCase(Locale.ROOT) + " " + status.term();
    }

    private record Faced(JGroupsLog log, EmbeddedFabric fabric, String token) implements Front.Member {
        @Override
        public CompletionStage<byte[]> append(byte[] request) {
            return fabric.admission()
                    .join(Json.mapper().readValue(request, JoinRequest.class), "127.0.0.1")
                    .thenApply(answer -> new byte[0]);
        }

        @Override
        public String status() {
            return JoinMember.status(log) + " " + token;
        }

        @Override
        public CompletionStage<Void> addVoter(String member) {
            return log.addVoter(member, GROW_LIMIT);
        }
    }
}
