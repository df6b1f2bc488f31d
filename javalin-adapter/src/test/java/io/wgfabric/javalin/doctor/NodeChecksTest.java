package io.wgfabric.javalin.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.javalin.doctor.Finding.Result;
import io.wgfabric.javalin.doctor.NodeChecks.Holder;
import io.wgfabric.javalin.doctor.NodeChecks.Sent;
import io.wgfabric.javalin.doctor.NodeChecks.Under;
import io.wgfabric.javalin.doctor.NodeChecks.Wire;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class NodeChecksTest {
    private static final Instant MADE = Instant.parse("2026-03-01T00:00:00Z");
    private static final Instant UNTIL = MADE.plus(Duration.ofDays(7));
    private static final String START = "fabric peer run --data /d";

    private static Finding certificate(Duration after) {
        return NodeChecks.certificate(MADE, UNTIL, MADE.plus(after), START);
    }

    private static String failed(Finding finding) {
        assertEquals(Result.FAILED, finding.result(), finding.line());
        return finding.line();
    }

    @Test
    void certificateIsWarnedOfBeforeItExpiresAndFailsAfter() {
        assertEquals(Result.OK, certificate(Duration.ofDays(5)).result());
        Finding late = certificate(Duration.ofDays(6));
        assertEquals(Result.WARNING, late.result());
        assertEquals(
                "valid until 2026-03-08T00:00:00Z, and should have been renewed: start the node, or mend what its log"
                        + " says: " + START,
                late.line());
        assertEquals(
                "it expired at 2026-03-08T00:00:00Z: start the node, and it renews: " + START,
                failed(certificate(Duration.ofDays(8))));
    }

    @Test
    void certificateThatNothingRenewsAnyMoreMeansToJoinAgain() {
        assertTrue(failed(certificate(Duration.ofDays(38))).endsWith("join again with a new token"));
    }

    @Test
    void certificateOfTheFutureMeansTheClock() {
        assertEquals(
                "it is valid only from 2026-03-01T00:00:00Z on: set the clock of this machine, with NTP",
                failed(certificate(Duration.ofHours(-1))));
    }

    @Test
    void portThatNobodyOrAnotherHasFails() {
        assertEquals(
                "nobody listens at 7443/tcp: start the manager: fabric server run",
                failed(NodeChecks.listens(7443, "--port", Holder.NOBODY)));
        assertEquals(
                "7443/tcp is taken, and this manager does not answer there: look who has it (ss -ltnp) and stop that, or:"
                        + " fabric server run --port PORT",
                failed(NodeChecks.listens(7443, "--port", Holder.ANOTHER)));
        assertEquals(
                Result.OK,
                NodeChecks.listens(7443, "--port", Holder.THIS_MANAGER).result());
        assertEquals(
                "replication does not reach m2:7800: start that manager, or let the port through",
                failed(NodeChecks.reaches("m2:7800", false)));
    }

    @Test
    void wireGuardsPortThatNobodyOrAnotherHasFails() {
        assertEquals(
                "wgf0 is not there, and nobody has 51820/udp: start the node: " + START,
                failed(NodeChecks.wire(new Wire("wgf0", false, 51_820, false), START)));
        assertEquals(
                "another program has 51820/udp, and wgf0 is not there: stop that program (ss -lunp), then: " + START,
                failed(NodeChecks.wire(new Wire("wgf0", false, 51_820, true), START)));
        assertEquals(
                "nobody has 51820/udp, though wgf0 is there: start the node: " + START,
                failed(NodeChecks.wire(new Wire("wgf0", true, 51_820, false), START)));
        assertEquals(
                Result.OK,
                NodeChecks.wire(new Wire("wgf0", true, 51_820, true), START).result());
    }

    @Test
    void portOfNodeToComeIsLookedAt() throws Exception {
        int port;
        try (DatagramSocket udp = new DatagramSocket(0);
                ServerSocket tcp = new ServerSocket(0)) {
            port = tcp.getLocalPort();
            assertTrue(HostProbe.isUdpTaken(udp.getLocalPort()));
            assertTrue(HostProbe.isTcpTaken(port));
        }
        assertFalse(HostProbe.isTcpTaken(port));
        Finding taken = NodeChecks.free("51820/udp", "--wireguard-port", true);
        assertEquals(Result.WARNING, taken.result());
        assertEquals(
                "51820/udp is taken by another program: a node here needs --wireguard-port with another", taken.line());
        assertEquals(
                Result.OK,
                NodeChecks.free("51820/udp", "--wireguard-port", false).result());
    }

    private static Under under(int mtu, int linkMtu, boolean v6) {
        return new Under("wgf0", mtu, "eth0", linkMtu, "192.0.2.1", v6);
    }

    @Test
    void interfaceThatIsTooLargeForItsLinkFails() {
        assertEquals(
                "wgf0 has 1420, too much for 1450 of eth0: ip link set dev wgf0 mtu 1370",
                failed(NodeChecks.mtu(under(1420, 1450, false), null)));
        assertEquals(Result.OK, NodeChecks.mtu(under(1440, 1500, false), null).result());
        assertEquals(
                Result.FAILED, NodeChecks.mtu(under(1440, 1500, true), null).result());
    }

    @Test
    void pathThatCarriesLessThanItsLinkFails() {
        Under under = under(1420, 1500, false);

        assertEquals(
                "packets of 1480 bytes do not get to 192.0.2.1, smaller do: ip link set dev eth0 mtu 1400, then start"
                        + " the node again",
                failed(NodeChecks.mtu(under, new Sent(true, false, 1400))));
        assertTrue(failed(NodeChecks.mtu(under, new Sent(true, false, 0))).contains("lower the MTU of eth0"));
        assertEquals(
                Result.OK,
                NodeChecks.mtu(under, new Sent(false, false, 0)).result(),
                "who answers no echo says nothing about sizes");
        assertEquals(Result.OK, NodeChecks.mtu(under, new Sent(true, true, 0)).result());
    }

    @Test
    void whatRoutersTellIsRead() {
        assertEquals(1400, HostProbe.told("From 10.0.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n"));
        assertEquals(1320, HostProbe.told("ping: local error: message too long, mtu=1320\n"));
        assertEquals(1280, HostProbe.told("From fd00::1 icmp_seq=1 Packet too big: mtu=1280\n"));
        assertEquals(0, HostProbe.told("1 packets transmitted, 0 received, 100% packet loss, time 0ms\n"));
    }
}
