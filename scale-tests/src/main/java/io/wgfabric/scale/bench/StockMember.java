package io.wgfabric.scale.bench;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.FRAG2;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.protocols.raft.ELECTION2;
import org.jgroups.protocols.raft.NO_DUPES;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.REDIRECT;
import org.jgroups.raft.RaftHandle;
import org.jgroups.raft.StateMachine;
import org.jgroups.raft.util.Utils;
import org.jgroups.util.TLS;
import org.jgroups.util.TLSClientAuth;

/**
 * The process of a member of jgroups-raft as published: fsync on (it is off by default), the same transport and TLS as
 * ours, the rest of the stack as its authors advise. Its log is cut after 32 MiB, by default after 1 MB, so that
 * compaction costs it no more than it costs us.
 */
public final class StockMember {
    private static final int LOG_BYTES = 32 << 20;
    private static final int DETECTOR_OFFSET = 1000;

    private StockMember() {}

    private static final class Counter implements StateMachine {
        private long count;

        @Override
        public byte[] apply(byte[] data, int offset, int length, boolean serialize) {
            return OurMember.Counter.bytes(++count);
        }

        @Override
        public void readContentFrom(DataInput in) throws IOException {
            count = in.readLong();
        }

        @Override
        public void writeContentTo(DataOutput out) throws IOException {
            out.writeLong(count);
        }
    }

    /** @param arguments {@link MemberPlan#arguments} */
    public static void main(String[] arguments) throws Exception {
        MemberPlan plan = MemberPlan.parse(arguments);
        Files.createDirectories(plan.data());
        List<String> members =
                IntStream.range(0, plan.peers().size()).mapToObj(MemberPlan::id).toList();
        RAFT raft = new RAFT()
                .members(members)
                .raftId(plan.id())
                .logDir(plan.data().toString())
                .logPrefix(plan.id())
                .logUseFsync(true)
                .maxLogSize(LOG_BYTES);
        try (JChannel channel = channel(plan, raft)) {
            RaftHandle handle = new RaftHandle(channel, new Counter());
            channel.connect("bench");
            Front.serve(plan.front(), new Faced(handle));
            Front.untilInputEnds();
        }
    }

    private static JChannel channel(MemberPlan plan, RAFT raft) throws Exception {
        InetAddress address = plan.bind().getAddress();
        GMS gms = new GMS();
        gms.setJoinTimeout(500);
        gms.printLocalAddress(false);
        JChannel channel = new JChannel(
                tcp(plan),
                new TCPPING().initialHosts(new ArrayList<>(plan.peers())),
                new MERGE3().setMinInterval(1000).setMaxInterval(3000),
                new FD_SOCK2().setBindAddress(address).setOffset(DETECTOR_OFFSET),
                new FD_ALL3().setTimeout(8000).setInterval(2000),
                new VERIFY_SUSPECT2().setTimeout(500),
                new NAKACK2().useMcastXmit(false),
                new UNICAST3(),
                new STABLE(),
                new NO_DUPES(),
                gms,
                new UFC(),
                new MFC(),
                new FRAG2(),
                new ELECTION2(),
                raft,
                new REDIRECT());
        channel.name(plan.id());
        return channel;
    }

    private static TCP tcp(MemberPlan plan) throws IOException {
        TCP tcp = new TCP();
        tcp.setBindAddress(plan.bind().getAddress());
        tcp.setBindPort(plan.bind().getPort());
        tcp.setPortRange(0);
        tcp.tcpNodelay(true);
        tcp.disableDiagnostics();
        tcp.setBufferedOutputStreamSize(1 << 17);
        tcp.tls(new TLS()
                .enabled(true)
                .setSSLContext(Authority.context(plan.keys(), plan.id()))
                .setProtocols(new String[] {"TLSv1.3"})
                .setClientAuth(TLSClientAuth.NEED));
        return tcp;
    }

    private record Faced(RaftHandle handle) implements Front.Member {
        @Override
        public CompletionStage<byte[]> append(byte[] command) throws Exception {
            return handle.setAsync(command, 0, command.length, null);
        }

        @Override
        public String status() {
            Address leader = handle.leader();
            String id = leader == null ? "-" : Utils.extractRaftId(leader);
            return handle.raft().role().toLowerCase(Locale.ROOT) + " " + id + " " + handle.currentTerm() + " "
                    + handle.raft().members().size();
        }

        @Override
        public CompletionStage<Void> addVoter(String member) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException("its members are configured"));
        }
    }
}
