package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class WireTextTest {
    private static final String PRIVATE = "iEmNBTIndwDBC2Lk36UbLiOIppz7Rf2wBPkjdKZ+Q10=";
    private static final PublicKey PUBLIC = PublicKey.parse("uF+amUP5ij8J1n2GtC4JmVIlisBpJRW4+OlH0GXN3Gc=");
    private static final PublicKey PEER = PublicKey.of(new byte[] {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
        31, 32
    });
    private static final String PEER_HEX = HexFormat.of().formatHex(PEER.bytes());
    private static final Prefix V4 = Prefix.parse("100.64.0.2/32");
    private static final Prefix V6 = Prefix.parse("fd77::2/128");

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static PrivateKey key() {
        return PrivateKey.of(Base64.getDecoder().decode(PRIVATE));
    }

    @Test
    void theUserspaceConfigurationIsReadAndItsKeyOverwritten() {
        String hex = new String(key().secretHex(), StandardCharsets.US_ASCII);
        byte[] answer = ascii("private_key=" + hex + "\nlisten_port=51820\npublic_key=" + PEER_HEX
                + "\npreshared_key=00\nprotocol_version=1\nendpoint=[fe80::1%3]:51820\nlast_handshake_time_sec=7\n"
                + "last_handshake_time_nsec=9\ntx_bytes=11\nrx_bytes=13\npersistent_keepalive_interval=25\n"
                + "allowed_ip=100.64.0.2/32\nallowed_ip=fd77::2/128\nerrno=0\n\n");
        DeviceState state = UapiText.parse(answer);
        assertEquals(PUBLIC, state.publicKey());
        assertEquals(51820, state.listenPort());
        ActualPeer peer = new ActualPeer(
                Set.of(V4, V6), Endpoint.parse("[fe80::1]:51820"), 25, Instant.ofEpochSecond(7, 9), 13, 11);
        assertEquals(peer, state.peers().get(PEER));
        assertFalse(new String(answer, StandardCharsets.US_ASCII).contains(hex));
        assertEquals(0, UapiText.errno(answer));
        assertEquals(98, UapiText.errno(ascii("errno=-98\n\n")));
        assertEquals(-1, UapiText.errno(ascii("listen_port=1\n")));
    }

    @Test
    void presharedKeysAreReadInBothFormsAndOverwritten() {
        PresharedKey key = PresharedKey.of(HexFormat.of().parseHex("5e".repeat(32)));
        String hex = new String(key.secretHex(), StandardCharsets.US_ASCII);
        byte[] answer = ascii("private_key=" + "0".repeat(64) + "\npublic_key=" + "11".repeat(32)
                + "\npreshared_key=" + "0".repeat(64) + "\npublic_key="
                + HexFormat.of().formatHex(PUBLIC.bytes())
                + "\npreshared_key=" + hex + "\nerrno=0\n\n");
        DeviceState userspace = UapiText.parse(answer);
        assertEquals(
                new ActualPeer(Set.of(), null, 0, null, 0, 0, key),
                userspace.peers().get(PUBLIC));
        assertEquals(2, userspace.peers().size());
        assertFalse(new String(answer, StandardCharsets.US_ASCII).contains(hex));

        String base64 = new String(key.secretBase64(), StandardCharsets.US_ASCII);
        byte[] dump = ascii(PRIVATE + "\t" + PUBLIC + "\t51820\toff\n" + PEER
                + "\t(none)\t(none)\t(none)\t0\t0\t0\toff\n" + PUBLIC + "\t" + base64
                + "\t(none)\t(none)\t0\t0\t0\toff\n");
        DeviceState tool = WgText.parse(dump);
        assertEquals(
                new ActualPeer(Set.of(), null, 0, null, 0, 0, key), tool.peers().get(PUBLIC));
        assertEquals(new ActualPeer(Set.of(), null, 0, null, 0, 0), tool.peers().get(PEER));
        String left = new String(dump, StandardCharsets.US_ASCII);
        assertFalse(left.contains("\t" + base64), left);
        assertFalse(tool.toString().contains(base64), tool.toString());
    }

    @Test
    void presharedKeysAreWrittenInBothForms() {
        PresharedKey key = PresharedKey.of(HexFormat.of().parseHex("5e".repeat(32)));
        String hex = new String(key.secretHex(), StandardCharsets.US_ASCII);
        PeerConfig peer = new PeerConfig(PEER, Set.of(V4), null, 0, key);
        assertEquals(
                "set=1\npublic_key=" + PEER_HEX + "\npreshared_key=" + hex + "\nallowed_ip=100.64.0.2/32\npublic_key="
                        + PEER_HEX + "\nupdate_only=true\npreshared_key=" + "0".repeat(64) + "\n\n",
                new String(
                        UapiText.peers(List.of(
                                new Change.AddPeer(0, peer), new Change.SetPresharedKey(0, PEER, PresharedKey.NONE))),
                        StandardCharsets.US_ASCII));
        assertEquals(
                "[Interface]\nPrivateKey = " + PRIVATE + "\nListenPort = 51820\n[Peer]\nPublicKey = " + PEER
                        + "\nPresharedKey = " + new String(key.secretBase64(), StandardCharsets.US_ASCII)
                        + "\nAllowedIPs = 100.64.0.2/32\n",
                new String(
                        WgText.reset(new Change.SetPrivateKey(0, key(), 51820, List.of(peer))),
                        StandardCharsets.US_ASCII));
        assertFalse(peer.toString().contains(hex), peer.toString());
    }

    @Test
    void aFreshUserspaceDeviceHasNeitherKeyNorPort() {
        DeviceState state = UapiText.parse(ascii("errno=0\n\n"));
        assertNull(state.publicKey());
        assertEquals(0, state.listenPort());
        assertTrue(state.peers().isEmpty());
    }

    @Test
    void changesOfPeersBecomeOneTransactionOfDeltas() {
        List<Change.PeerChange> changes = List.of(
                new Change.AddPeer(0, new PeerConfig(PEER, Set.of(V4), Endpoint.parse("192.0.2.1:1"), 25)),
                new Change.SetKeepalive(0, PEER, 0),
                new Change.RemovePeer(0, PUBLIC));
        String expected = "set=1\npublic_key=" + PEER_HEX
                + "\nendpoint=192.0.2.1:1\npersistent_keepalive_interval=25\nallowed_ip=100.64.0.2/32\npublic_key="
                + PEER_HEX + "\nupdate_only=true\npersistent_keepalive_interval=0\npublic_key="
                + HexFormat.of().formatHex(PUBLIC.bytes()) + "\nupdate_only=true\nremove=true\n\n";
        assertEquals(expected, new String(UapiText.peers(changes), StandardCharsets.US_ASCII));
    }

    @Test
    void theDumpOfTheToolIsReadAndItsKeyOverwritten() {
        byte[] dump = ascii(PRIVATE + "\t" + PUBLIC + "\t51820\toff\n" + PEER
                + "\t(none)\t192.0.2.1:1\t100.64.0.2/32,fd77::2/128\t7\t13\t11\t25\n" + PUBLIC
                + "\t(none)\t(none)\t(none)\t0\t0\t0\toff\n");
        DeviceState state = WgText.parse(dump);
        assertEquals(PUBLIC, state.publicKey());
        assertEquals(
                new ActualPeer(Set.of(V4, V6), Endpoint.parse("192.0.2.1:1"), 25, Instant.ofEpochSecond(7), 13, 11),
                state.peers().get(PEER));
        assertEquals(
                new ActualPeer(Set.of(), null, 0, null, 0, 0), state.peers().get(PUBLIC));
        assertFalse(new String(dump, StandardCharsets.US_ASCII).contains(PRIVATE));
    }

    @Test
    void theFileOfTheToolKeepsThePort() {
        Change.SetPrivateKey change =
                new Change.SetPrivateKey(0, key(), 51820, List.of(new PeerConfig(PEER, Set.of(V4, V6), null, 0)));
        assertEquals(
                "[Interface]\nPrivateKey = " + PRIVATE + "\nListenPort = 51820\n[Peer]\nPublicKey = " + PEER
                        + "\nAllowedIPs = 100.64.0.2/32,fd77::2/128\n",
                new String(WgText.reset(change), StandardCharsets.US_ASCII));
    }

    @Test
    void theSecondInterfaceHasTheNextNumber() {
        assertEquals("wgf1", InterfaceNames.of("wgf0").spare());
        assertEquals("wgf10", InterfaceNames.of("wgf9").spare());
        assertEquals("wg008", InterfaceNames.of("wg007").spare());
        assertEquals("fabric1", InterfaceNames.of("fabric").spare());
        assertEquals("fifteen-letter1", InterfaceNames.of("fifteen-letter0").spare());
        for (String wrong : List.of("", "fifteen-letters", "sixteen-letters0", "-wg0", "wg/0", "wg 0", "..")) {
            assertThrows(IllegalArgumentException.class, () -> InterfaceNames.of(wrong), wrong);
        }
    }

    @Test
    @Timeout(10)
    void aSilentProcessIsNotWaitedForWithoutLimit(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("silent.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            UapiSocket socket = new UapiSocket(path, Duration.ofMillis(100));
            TunnelException e = assertThrows(TunnelException.class, socket::get);
            assertTrue(String.valueOf(e.getMessage()).contains("in 100 ms"), e.getMessage());
        }
        assertFalse(new UapiSocket(path, Duration.ofMillis(100)).isServed());
    }

    @Test
    void aProgramThatWritesWithoutEndIsStopped() {
        TunnelException e = assertThrows(
                TunnelException.class, () -> new Commands(List.of()).run("sh", "-c", "head -c 20000000 /dev/zero"));
        assertTrue(String.valueOf(e.getMessage()).contains("more than is sensible"), e.getMessage());
    }
}
