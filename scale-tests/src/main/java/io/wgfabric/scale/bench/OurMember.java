package io.wgfabric.scale.bench;

import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.log.Replica;
import io.wgfabric.jgroups.JGroupsLog;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/** The process of a member of our log: standard settings, mutual TLS between members, a replica that counts. */
public final class OurMember {
    private static final Duration APPEND_LIMIT = Duration.ofSeconds(10);
    /** Members that start alone find each other first, and the new voter catches up. */
    private static final Duration GROW_LIMIT = Duration.ofSeconds(50);

    private OurMember() {}

    /** Counts commands, so that what is measured is the log. */
    static final class Counter implements Replica {
        private long count;

        @Override
        public byte[] apply(long index, byte[] command) {
            return bytes(++count);
        }

        @Override
        public byte[] snapshot() {
            return bytes(count);
        }

        @Override
        public void restore(byte[] snapshot) {
            count = ByteBuffer.wrap(snapshot).getLong();
        }

        @Override
        public void halted(Throwable cause) {
            Runtime.getRuntime().halt(1);
        }

        static byte[] bytes(long number) {
            return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        }
    }

    /** @param arguments {@link MemberPlan#arguments}; member 0 founds the cluster */
    public static void main(String[] arguments) throws Exception {
        MemberPlan plan = MemberPlan.parse(arguments);
        JGroupsLog.Builder builder = JGroupsLog.builder()
                .cluster("bench")
                .self(plan.id())
                .bind(plan.bind())
                .directory(plan.data())
                .members(plan::peers)
                .tls(Authority.context(plan.keys(), plan.id()));
        if (plan.electionMillis() > 0) {
            builder.timing(Duration.ofMillis(plan.electionMillis()), Duration.ofMillis(plan.heartbeatMillis()));
        }
        if (plan.number() == 0) {
            builder.bootstrap();
        }
        try (JGroupsLog log = builder.build()) {
            log.start(new Counter());
            Front.serve(plan.front(), new Faced(log));
            Front.untilInputEnds();
        }
    }

    private record Faced(JGroupsLog log) implements Front.Member {
        @Override
        public CompletionStage<byte[]> append(byte[] command) {
            return log.append(command, APPEND_LIMIT);
        }

        @Override
        public String status() {
            LogStatus status = log.status();
            String leader = status.leader() == null ? "-" : status.leader();
            return status.role().name().toLowerCase(Locale.ROOT) + " " + leader + " " + status.term() + " "
                    + status.voters().size();
        }

        @Override
        public CompletionStage<Void> addVoter(String member) {
            return log.addVoter(member, GROW_LIMIT);
        }
    }
}
