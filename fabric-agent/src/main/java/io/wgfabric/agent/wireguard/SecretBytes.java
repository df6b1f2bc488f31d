package io.wgfabric.agent.wireguard;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A bounded, growing buffer that leaves no copy of its content behind. Thread-safe. */
final class SecretBytes {
    private final int limit;
    private byte[] bytes = new byte[4096];
    private int length;
    private boolean full;

    /** @param limit in bytes; what goes beyond is dropped */
    SecretBytes(int limit) {
        this.limit = limit;
    }

    synchronized void append(byte[] chunk, int count) {
        if (full || count > limit - length) {
            full = true;
            return;
        }
        if (length + count > bytes.length) {
            byte[] larger = Arrays.copyOf(bytes, Math.max(length + count, Math.min(limit, 2 * bytes.length)));
            Arrays.fill(bytes, (byte) 0);
            bytes = larger;
        }
        System.arraycopy(chunk, 0, bytes, length, count);
        length += count;
    }

    /** Whether the last bytes are these. */
    synchronized boolean endsWith(byte[] tail) {
        return length >= tail.length && Arrays.equals(bytes, length - tail.length, length, tail, 0, tail.length);
    }

    synchronized boolean isFull() {
        return full;
    }

    /** The content, for the caller to wipe, or null if it went beyond the limit; the buffer is empty afterwards. */
    synchronized byte @Nullable [] take() {
        byte[] content = full ? null : Arrays.copyOf(bytes, length);
        Arrays.fill(bytes, (byte) 0);
        length = 0;
        return content;
    }

    static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
