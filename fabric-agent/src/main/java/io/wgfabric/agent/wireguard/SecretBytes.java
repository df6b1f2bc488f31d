package io.wgfabric.agent.wireguard;

import java.nio.charset.StandardCharsets;
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

    /** Appends text that is no secret. */
    SecretBytes append(String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        append(ascii, ascii.length);
        return this;
    }

    /** Appends a secret and wipes it. */
    SecretBytes appendAndWipe(byte[] secret) {
        append(secret, secret.length);
        Arrays.fill(secret, (byte) 0);
        return this;
    }

    synchronized boolean isEmpty() {
        return length == 0;
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

    /** The content of a buffer whose writer keeps to the limit, for the caller to wipe. */
    byte[] whole() {
        byte[] content = take();
        if (content == null) {
            throw new IllegalStateException("longer than " + limit + " bytes");
        }
        return content;
    }
}
