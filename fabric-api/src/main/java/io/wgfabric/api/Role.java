package io.wgfabric.api;

import java.util.Locale;

/** What a node is in the fabric, and what a token admits. */
public enum Role {
    /** A management node: replicates the state, answers requests, and takes part in the mesh. */
    MGMT,
    /** A node of the network alone. */
    PEER;

    public static Role parse(String text) {
        for (Role role : values()) {
            if (role.text().equals(text)) {
                return role;
            }
        }
        throw new IllegalArgumentException("a role is 'peer' or 'mgmt'");
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
