package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The text that {@code wg} writes with {@code show … dump} and reads with {@code setconf} and {@code addconf}. */
final class WgText {
    private static final String NONE = "(none)";
    private static final int PEER_COLUMNS = 8;

    private WgText() {}

    /** The listen port is part of it, or {@code wg} would choose another one. */
    static byte[] reset(Change.SetPrivateKey change) {
        StringBuilder rest = new StringBuilder();
        rest.append("\nListenPort = ").append(change.listenPort()).append('\n');
        change.peers().forEach(peer -> appendPeer(rest, peer));
        byte[] secret = change.key().secretBase64();
        byte[] config = SecretBytes.concat(
                "[Interface]\nPrivateKey = ".getBytes(StandardCharsets.US_ASCII),
                secret,
                rest.toString().getBytes(StandardCharsets.US_ASCII));
        Arrays.fill(secret, (byte) 0);
        return config;
    }

    static void appendPeer(StringBuilder config, PeerConfig peer) {
        config.append("[Peer]\nPublicKey = ").append(peer.key()).append('\n');
        if (peer.endpoint() != null) {
            config.append("Endpoint = ").append(peer.endpoint()).append('\n');
        }
        if (peer.keepaliveSeconds() > 0) {
            config.append("PersistentKeepalive = ")
                    .append(peer.keepaliveSeconds())
                    .append('\n');
        }
        if (!peer.allowedIps().isEmpty()) {
            config.append("AllowedIPs = ").append(join(peer.allowedIps())).append('\n');
        }
    }

    static String join(Set<Prefix> prefixes) {
        return prefixes.stream().map(Prefix::toString).collect(Collectors.joining(","));
    }

    /** The private key in the first column is overwritten before the rest becomes text. */
    static DeviceState parse(byte[] dump) {
        int secret = 0;
        while (secret < dump.length && dump[secret] != '\t') {
            dump[secret++] = ' ';
        }
        List<String> lines = new String(dump, StandardCharsets.US_ASCII).lines().toList();
        if (lines.isEmpty()) {
            throw new TunnelException("'wg show dump' wrote nothing");
        }
        String[] own = lines.get(0).split("\t", -1);
        Map<PublicKey, ActualPeer> peers = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] columns = line.split("\t", -1);
            if (columns.length < PEER_COLUMNS) {
                throw new TunnelException("'wg show dump' wrote what is not understood");
            }
            peers.put(PublicKey.parse(columns[0]), peer(columns));
        }
        return new DeviceState(key(own[1]), Integer.parseInt(own[2]), peers);
    }

    private static @Nullable PublicKey key(String text) {
        return text.equals(NONE) ? null : PublicKey.parse(text);
    }

    private static ActualPeer peer(String[] columns) {
        Set<Prefix> allowedIps = new TreeSet<>();
        if (!columns[3].equals(NONE)) {
            for (String prefix : columns[3].split(",", -1)) {
                allowedIps.add(Prefix.parse(prefix));
            }
        }
        long handshake = Long.parseLong(columns[4]);
        return new ActualPeer(
                allowedIps,
                UapiText.endpoint(columns[2]),
                columns[7].equals("off") ? 0 : Integer.parseInt(columns[7]),
                handshake == 0 ? null : Instant.ofEpochSecond(handshake),
                Long.parseLong(columns[5]),
                Long.parseLong(columns[6]));
    }
}
