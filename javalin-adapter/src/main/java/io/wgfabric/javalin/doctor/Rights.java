package io.wgfabric.javalin.doctor;

import java.util.Optional;

/**
 * What a process may do.
 *
 * @param user the effective user's id; 0 for root
 * @param netAdmin whether it may make network interfaces: {@code CAP_NET_ADMIN}, capabilities(7)
 */
record Rights(long user, boolean netAdmin) {
    private static final int NET_ADMIN = 12;

    /** @param status what the system says in {@code /proc/self/status}; see proc_pid_status(5) */
    static Rights parse(String status) {
        // Real, effective, saved and file system's.
        long user = field(status, "Uid:")
                .map(text -> Long.parseLong(text.split("\\s+", -1)[1]))
                .orElse(-1L);
        boolean netAdmin = field(status, "CapEff:")
                .map(text -> (Long.parseUnsignedLong(text, 16) >>> NET_ADMIN & 1) == 1)
                .orElse(user == 0);
        return new Rights(user, netAdmin);
    }

    private static Optional<String> field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst();
    }
}
