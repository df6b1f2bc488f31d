package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The text of the configuration protocol of userspace WireGuard (wireguard.com/xplatform, "Configuration Protocol").
 * As a visitor it writes changes of peers as the lines of one transaction.
 */
final class UapiText implements Change.PeerVisitor {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] PRIVATE_KEY = ascii("private_key=");
    private static final byte[] PRESHARED_KEY = ascii("\npreshared_key=");

    /** Above what {@link LinkTunnel} puts into one request. */
    private static final int MAX_BYTES = 1 << 20;

    private final SecretBytes request = new SecretBytes(MAX_BYTES).append("set=1\n");

    static byte[] peers(List<Change.PeerChange> changes) {
        UapiText text = new UapiText();
        changes.forEach(change -> change.accept(text));
        return text.request.append("\n").whole();
    }

    static byte[] listenPort(int port) {
        return ascii("set=1\nlisten_port=" + port + "\n\n");
    }

    /**
     * The old peers go first: if the transaction breaks off, either the key still differs, or no entry with an outdated
     * handshake is left.
     */
    static byte[] reset(PrivateKey key, List<PeerConfig> peers) {
        UapiText text = new UapiText();
        text.line("replace_peers", true);
        text.request.append("private_key=").appendAndWipe(key.secretHex()).append("\n");
        peers.forEach(text::add);
        return text.request.append("\n").whole();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void line(String name, Object value) {
        request.append(name + '=' + value + '\n');
    }

    private void existing(PublicKey key) {
        line("public_key", HEX.formatHex(key.bytes()));
        line("update_only", true);
    }

    private void presharedKey(PresharedKey key) {
        request.append("preshared_key=").appendAndWipe(key.secretHex()).append("\n");
    }

    private void add(PeerConfig peer) {
        line("public_key", HEX.formatHex(peer.key().bytes()));
        if (!peer.presharedKey().isNone()) {
            presharedKey(peer.presharedKey());
        }
        if (peer.endpoint() != null) {
            line("endpoint", peer.endpoint());
        }
        if (peer.keepaliveSeconds() > 0) {
            line("persistent_keepalive_interval", peer.keepaliveSeconds());
        }
        peer.allowedIps().forEach(prefix -> line("allowed_ip", prefix));
    }

    @Override
    public void addPeer(Change.AddPeer change) {
        add(change.peer());
    }

    @Override
    public void addAllowedIps(Change.AddAllowedIps change) {
        existing(change.key());
        change.added().forEach(prefix -> line("allowed_ip", prefix));
    }

    @Override
    public void replaceAllowedIps(Change.ReplaceAllowedIps change) {
        existing(change.key());
        line("replace_allowed_ips", true);
        change.all().forEach(prefix -> line("allowed_ip", prefix));
    }

    @Override
    public void setEndpoint(Change.SetEndpoint change) {
        existing(change.key());
        line("endpoint", change.endpoint());
    }

    @Override
    public void setKeepalive(Change.SetKeepalive change) {
        existing(change.key());
        line("persistent_keepalive_interval", change.seconds());
    }

    @Override
    public void setPresharedKey(Change.SetPresharedKey change) {
        existing(change.key());
        presharedKey(change.presharedKey());
    }

    @Override
    public void removePeer(Change.RemovePeer change) {
        existing(change.key());
        line("remove", true);
    }

    /** The number in {@code errno=}: 0 for done, else that of the system, or -1 if the answer broke off. */
    static int errno(byte[] answer) {
        String errno = new String(answer, StandardCharsets.US_ASCII)
                .lines()
                .filter(line -> line.startsWith("errno="))
                .reduce("", (first, second) -> second);
        return errno.isEmpty() ? -1 : Math.abs(Integer.parseInt(errno.substring("errno=".length())));
    }

    /** Reads the answer to a {@code get}. The private key in it becomes a public one; all secrets are overwritten. */
    static DeviceState parse(byte[] answer) {
        PublicKey own = takePrivateKey(answer);
        List<PresharedKey> preshared = takePresharedKeys(answer);
        int port = 0;
        Map<PublicKey, ActualPeer> peers = new HashMap<>();
        PeerLines peer = null;
        for (String line : new String(answer, StandardCharsets.US_ASCII).lines().toList()) {
            int equals = line.indexOf('=');
            String name = equals < 0 ? line : line.substring(0, equals);
            String value = line.substring(equals + 1);
            if (name.equals("public_key")) {
                if (peer != null) {
                    peers.put(peer.key, peer.toPeer());
                }
                peer = new PeerLines(PublicKey.of(HEX.parseHex(value)));
            } else if (name.equals("listen_port")) {
                port = Integer.parseInt(value);
            } else if (peer != null) {
                peer.read(name, value, preshared);
            }
        }
        if (peer != null) {
            peers.put(peer.key, peer.toPeer());
        }
        return new DeviceState(own, port, peers);
    }

    private static @Nullable PublicKey takePrivateKey(byte[] answer) {
        int digits = 2 * PrivateKey.BYTES;
        int start = PRIVATE_KEY.length;
        boolean present =
                answer.length >= start + digits && Arrays.equals(answer, 0, start, PRIVATE_KEY, 0, PRIVATE_KEY.length);
        if (!present) {
            return null;
        }
        byte[] secret = new byte[PrivateKey.BYTES];
        int used = 0;
        for (int i = 0; i < secret.length; i++) {
            secret[i] = (byte)
                    (Character.digit(answer[start + 2 * i], 16) << 4 | Character.digit(answer[start + 2 * i + 1], 16));
            used |= secret[i];
        }
        Arrays.fill(answer, start, start + digits, (byte) '0');
        try {
            if (used == 0) {
                return null;
            }
            PrivateKey key = PrivateKey.of(secret);
            key.wipe();
            return key.publicKey();
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** Each is replaced by its number in the list, so that no secret becomes text. */
    private static List<PresharedKey> takePresharedKeys(byte[] answer) {
        int digits = 2 * PresharedKey.BYTES;
        List<PresharedKey> keys = new ArrayList<>();
        for (int at = 0; at + PRESHARED_KEY.length + digits < answer.length; at++) {
            int start = at + PRESHARED_KEY.length;
            if (answer[at] == '\n'
                    && answer[start + digits] == '\n'
                    && Arrays.equals(answer, at, start, PRESHARED_KEY, 0, PRESHARED_KEY.length)) {
                keys.add(PresharedKey.ofHex(answer, start));
                byte[] number = ascii(String.format(Locale.ROOT, "%0" + digits + "d", keys.size() - 1));
                System.arraycopy(number, 0, answer, start, digits);
                at = start + digits - 1;
            }
        }
        return keys;
    }

    /** An endpoint as WireGuard writes it, without the zone of a link-local address; null if there is none. */
    static @Nullable Endpoint endpoint(String text) {
        int zone = text.indexOf('%');
        int end = text.indexOf(']');
        String plain = zone > 0 && end > zone ? text.substring(0, zone) + text.substring(end) : text;
        return plain.equals("(none)") ? null : Endpoint.parse(plain);
    }

    static Prefix prefix(String text) {
        return text.indexOf('/') < 0 ? Address.parse(text).toPrefix() : Prefix.parse(text);
    }

    /** The lines of one peer, as they come. */
    private static final class PeerLines {
        private final PublicKey key;
        private final Set<Prefix> allowedIps = new TreeSet<>();
        private @Nullable Endpoint endpoint;
        private int keepaliveSeconds;
        private PresharedKey presharedKey = PresharedKey.NONE;
        private long handshakeSeconds;
        private long handshakeNanos;
        private long receivedBytes;
        private long sentBytes;

        PeerLines(PublicKey key) {
            this.key = key;
        }

        /** @param preshared by the number that is in the place of each */
        void read(String name, String value, List<PresharedKey> preshared) {
            switch (name) {
                case "allowed_ip" -> allowedIps.add(prefix(value));
                case "endpoint" -> endpoint = endpoint(value);
                case "persistent_keepalive_interval" -> keepaliveSeconds = Integer.parseInt(value);
                case "last_handshake_time_sec" -> handshakeSeconds = Long.parseLong(value);
                case "last_handshake_time_nsec" -> handshakeNanos = Long.parseLong(value);
                case "rx_bytes" -> receivedBytes = Long.parseLong(value);
                case "tx_bytes" -> sentBytes = Long.parseLong(value);
                case "preshared_key" -> {
                    if (value.length() == 2 * PresharedKey.BYTES) {
                        presharedKey = preshared.get(Integer.parseInt(value));
                    }
                }
                default -> {
                    // The version of the protocol, or what a later one adds.
                }
            }
        }

        ActualPeer toPeer() {
            Instant handshake = handshakeSeconds == 0 && handshakeNanos == 0
                    ? null
                    : Instant.ofEpochSecond(handshakeSeconds, handshakeNanos);
            return new ActualPeer(
                    allowedIps, endpoint, keepaliveSeconds, handshake, receivedBytes, sentBytes, presharedKey);
        }
    }
}
