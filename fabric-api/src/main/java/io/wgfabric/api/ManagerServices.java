package io.wgfabric.api;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a manager is reached by others, and what it can do.
 *
 * @param api {@code HOST:PORT} of its REST interface
 * @param replication {@code HOST:PORT} of the replication between managers
 * @param level the highest cluster level that its software knows; null, as first written, for 1
 * @param key its public key for what is meant for it alone: a point of P-256, uncompressed (SEC 1 section 2.3.3); null
 *     from a manager that has none
 */
public record ManagerServices(
        String api,
        String replication,
        @Nullable Integer level,
        @Nullable Bytes key) {
    /** The length of a manager's public key, in bytes. */
    public static final int KEY_BYTES = 65;

    private static final int MAX_LENGTH = 260;

    /** Names as they may stand in a URI's authority (RFC 3986 section 3.2.2), and no others. */
    private static final Pattern FORM = Pattern.compile(
            "([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9A-Fa-f:.]+])"
                    + ":[0-9]{1,5}");

    public ManagerServices {
        check(api);
        check(replication);
        if (level != null && level < 1) {
            throw new IllegalArgumentException("a level is at least 1");
        }
        if (key != null && key.length() != KEY_BYTES) {
            throw new IllegalArgumentException("a manager's public key has " + KEY_BYTES + " bytes");
        }
    }

    /** Of software that knows level 1 alone. */
    public ManagerServices(String api, String replication) {
        this(api, replication, null, null);
    }

    /** The highest cluster level that its software knows. */
    public int supports() {
        return level == null ? 1 : level;
    }

    private static void check(String text) {
        if (text.length() > MAX_LENGTH || !FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("a manager's address is HOST:PORT, with a DNS name or an IP address");
        }
    }
}
