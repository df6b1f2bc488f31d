package io.wgfabric.jgroups.wal;

import java.io.IOException;

/** What is on the disk cannot be trusted. The message says which file, what is wrong, and what to do. */
public final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    static final String ADVICE = "; remove this member from the voters, move its data directory away and let it join"
            + " again (the other members have the data)";

    public DamagedException(String message) {
        super(message + ADVICE);
    }
}
