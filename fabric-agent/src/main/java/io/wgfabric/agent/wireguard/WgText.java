package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The text that {@code wg} writes with {@code show … dump} and reads with {@code setconf} and {@code addconf}. */
final class WgText {
    private static final String NONE = "(none)";
    private static final int PEER_COLUMNS = 8;

    /** Above what {@link LinkTunnel} puts into one request. */
    private static final int MAX_BYTES = 1 << 20;

    /** The characters of a key in Base64. */
    private static final int KEY_CHARACTERS = 44;

    private WgText() {}

    /** The listen port is part of it, or {@code wg} would choose another one. */
    static byte[] reset(Change.SetPrivateKey change) {
        SecretBytes config = config().append("[Interface]\nPrivateKey = ")
                .appendAndWipe(change.key().secretBase64())
                .append("\nListenPort = " + change.listenPort() + '\n');
        change.peers().forEach(peer -> appendPeer(config, peer));
        return config.whole();
    }

    static SecretBytes config() {
        return new SecretBytes(MAX_BYTES);
    }

    static void appendPeer(SecretBytes config, PeerConfig peer) {
        config.append("[Peer]\nPublicKey = " + peer.key() + '\n');
        if (!peer.presharedKey().isNone()) {
            config.append("PresharedKey = ")
                    .appendAndWipe(peer.presharedKey().secretBase64())
                    .append("\n");
        }
        if (peer.endpoint() != null) {
            config.append("Endpoint = " + peer.endpoint() + '\n');
        }
        if (peer.keepaliveSeconds() > 0) {
            config.append("PersistentKeepalive = " + peer.keepaliveSeconds() + '\n');
        }
        if (!peer.allowedIps().isEmpty()) {
            config.append("AllowedIPs = " + join(peer.allowedIps()) + '\n');
        }
    }

    static String join(Set<Prefix> prefixes) {
        return prefixes.stream().map(Prefix::toString).collect(Collectors.joining(","));
    }

    /** The private key in the first column, and the pre-shared ones, are overwritten before the rest becomes text. */
    static DeviceState parse(byte[] dump) {
        int secret = 0;
        while (secret < dump.length && dump[secret] != '\t') {
            dump[secret++] = ' ';
        }
        List<PresharedKey> preshared = takePresharedKeys(dump);
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
            peers.put(PublicKey.parse(columns[0]), peer(columns, preshared));
        }
        return new DeviceState(key(own[1]), Integer.parseInt(own[2]), peers);
    }

    /** The second column of each peer; each key is replaced by its number in the list. */
    private static List<PresharedKey> takePresharedKeys(byte[] dump) {
        List<PresharedKey> keys = new ArrayList<>();
        int line = next(dump, 0, '\n') + 1;
        while (line < dump.length) {
            int start = next(dump, line, '\t') + 1;
            int end = next(dump, start, '\t');
            if (end - start == KEY_CHARACTERS) {
                byte[] text = Arrays.copyOfRange(dump, start, end);
                byte[] key = Base64.getDecoder().decode(text);
                keys.add(PresharedKey.of(key));
                Arrays.fill(text, (byte) 0);
                Arrays.fill(key, (byte) 0);
                byte[] number = String.format(Locale.ROOT, "%0" + KEY_CHARACTERS + "d", keys.size() - 1)
                        .getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(number, 0, dump, start, KEY_CHARACTERS);
            }
            line = next(dump, line, '\n') + 1;
        }
        return keys;
    }

    /** Where the character is next, or the end. */
    private static int next(byte[] text, int from, char wanted) {
        int at = from;
        while (at < text.length && text[at] != wanted) {
            at++;
        }
        return at;
    }

    private static @Nullable PublicKey key(String text) {
        return text.equals(NONE) ? null : PublicKey.parse(text);
    }

    private static ActualPeer peer(String[] columns, List<PresharedKey> preshared) {
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
                Long.parseLong(columns[6]),
                columns[1].equals(NONE) ? PresharedKey.NONE : preshared.get(Integer.parseInt(columns[1])));
    }
}
