package io.wgfabric.jgroups.stack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG2;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.PerDestinationBundler;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * The JGroups stack. One TCP port and no other: no multicast, no diagnostics, no CLIENT, and no FD_SOCK2, which would
 * listen on a second port in plaintext. Failure detection is the closing of TCP connections and FD_ALL3; it only serves
 * views. Who leads is decided by the timers of the consensus core.
 *
 * @param bind where to listen
 * @param advertised what to tell others instead, behind NAT or in a container
 * @param members current addresses of members; asked each time
 * @param tls mutual TLS 1.3 with this context; null is plaintext, for tests
 * @param speakers the member that a chain of certificates, its own first, speaks for
 */
public record Transport(
        InetSocketAddress bind,
        @Nullable InetSocketAddress advertised,
        Supplier<List<InetSocketAddress>> members,
        @Nullable SSLContext tls,
        Function<X509Certificate[], Optional<String>> speakers) {

    private static final int CONNECT_TIMEOUT_MILLIS = 1000;

    BoundTcp tcp(Gate gate) {
        BoundTcp tcp = new BoundTcp(tls, speakers, gate);
        tcp.setBindAddress(bind.getAddress());
        tcp.setBindPort(bind.getPort());
        tcp.setPortRange(0);
        if (advertised != null) {
            InetAddress address = advertised.getAddress();
            tcp.setExternalAddr(address);
            tcp.setExternalPort(advertised.getPort());
        }
        tcp.tcpNodelay(true); // or small messages in a row wait for delayed acknowledgements, 40 ms each
        tcp.setSockConnTimeout(CONNECT_TIMEOUT_MILLIS);
        tcp.enableSuspectEvents(true);
        tcp.setLogDiscardMessages(false);
        tcp.disableDiagnostics();
        // A sender for each member: one that does not accept connections would hold up what goes to all others, for as
        // long as a connection attempt or its handshake takes, and a leader that cannot be heard is voted out.
        tcp.setBundler(new PerDestinationBundler().useSingleSenderThread(false));
        return tcp;
    }

    /** Opens nothing yet; connecting the channel does. */
    JChannel channel(String self, BoundTcp tcp, FabricRaft raft) throws Exception {
        JChannel channel = new JChannel(
                tcp,
                new Directory(members),
                new MERGE3().setMinInterval(500).setMaxInterval(2000),
                new FD_ALL3().setTimeout(6000).setInterval(1500),
                new VERIFY_SUSPECT2().setTimeout(1000),
                new NAKACK2().useMcastXmit(false),
                new UNICAST3(),
                new STABLE(),
                gms(),
                new UFC(),
                new MFC(),
                new FRAG2(),
                raft);
        channel.name(self);
        channel.setDiscardOwnMessages(true);
        return channel;
    }

    private static Protocol gms() {
        GMS gms = new GMS();
        gms.setJoinTimeout(500);
        gms.printLocalAddress(false);
        return gms;
    }
}
