package io.wgfabric.core.wire;

import io.wgfabric.api.NodeId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a node says of one of its pairs. As text, which is short since there are many of them: {@code NODE SECONDS} of a
 * direct one, {@code NODE -} of one that has not shaken hands yet, {@code NODE via NODE} of a relayed one.
 *
 * @param other the other end
 * @param handshakeSeconds how long ago the newest handshake of the two was; null if there was none, or if they are relayed
 * @param via the node that forwards between the two; null if they are direct
 */
public record PairReport(
        NodeId other,
        @Nullable Long handshakeSeconds,
        @Nullable NodeId via) {
    private static final String NEVER = "-";
    private static final String VIA = "via";

    /** Thirty years. */
    private static final long MAX_SECONDS = 1_000_000_000L;

    private static final String FORM = "a pair's report looks like 'n-0123456789abc 12', '… -' or '… via n-…'";

    public PairReport {
        Objects.requireNonNull(other);
        if (handshakeSeconds != null && (via != null || handshakeSeconds < 0 || handshakeSeconds > MAX_SECONDS)) {
            throw new IllegalArgumentException("a direct pair's handshake was at most " + MAX_SECONDS + " s ago");
        }
        if (other.equals(via)) {
            throw new IllegalArgumentException("no node forwards to itself");
        }
    }

    /** @param handshakeSeconds null if there was none; what is longer ago than can be said is said to be the longest */
    public static PairReport direct(NodeId other, @Nullable Long handshakeSeconds) {
        return new PairReport(other, handshakeSeconds == null ? null : Math.min(handshakeSeconds, MAX_SECONDS), null);
    }

    public static PairReport relayed(NodeId other, NodeId via) {
        return new PairReport(other, null, via);
    }

    /** @throws IllegalArgumentException if it has not the form of one */
    public static PairReport parse(String text) {
        String[] words = text.split(" ", -1);
        if (words.length == 3 && words[1].equals(VIA)) {
            return relayed(new NodeId(words[0]), new NodeId(words[2]));
        }
        if (words.length != 2) {
            throw new IllegalArgumentException(FORM);
        }
        return new PairReport(new NodeId(words[0]), words[1].equals(NEVER) ? null : seconds(words[1]), null);
    }

    private static long seconds(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || (text.length() > 1 && text.startsWith("0"))) {
            throw new IllegalArgumentException(FORM);
        }
        return Long.parseLong(text);
    }

    @Override
    public String toString() {
        if (via != null) {
            return other + " " + VIA + " " + via;
        }
        return other + " " + (handshakeSeconds == null ? NEVER : handshakeSeconds);
    }
}
