package io.wgfabric.simulation.containers;

import java.util.Locale;

/** What the container of a node may do beyond what every container may. */
public enum Privilege {
    /** {@link #PRIVILEGED}, or where the engine refuses that, {@link #NET_ADMIN} and a line that says so. */
    AUTO,
    /** Everything. */
    PRIVILEGED,
    /** The capability NET_ADMIN and the device {@code /dev/net/tun}: all that a node needs. */
    NET_ADMIN;

    /**
     * Reads {@code auto}, {@code privileged} or {@code net-admin}.
     *
     * @throws IllegalArgumentException with one line for people
     */
    public static Privilege parse(String text) {
        for (Privilege each : values()) {
            if (each.toString().equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException("a privilege is auto, privileged or net-admin, not '" + text + "'");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
