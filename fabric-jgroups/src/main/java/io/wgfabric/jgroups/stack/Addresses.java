package io.wgfabric.jgroups.stack;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jgroups.Address;
import org.jgroups.View;
import org.jgroups.raft.util.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Where members are: raft ids to the addresses of the current view. A member that left the view may live on behind a
 * false suspicion, so its last address is kept for a while; a view says who may be reached, never who counts.
 */
final class Addresses {
    private static final long KEEP_NANOS = 30_000_000_000L;

    /**
     * A member's address.
     *
     * @param lastSeenNanos when it was last in a view
     */
    record Known(Address address, boolean inView, long lastSeenNanos) {}

    private final String self;
    private volatile Map<String, Known> known = Map.of();
    private volatile Set<String> connected;

    Addresses(String self) {
        this.self = self;
        this.connected = Set.of(self);
    }

    synchronized void view(View view, long nowNanos) {
        Map<String, Known> next = new HashMap<>();
        known.forEach((id, one) -> {
            if (nowNanos - one.lastSeenNanos() < KEEP_NANOS) {
                next.put(id, new Known(one.address(), false, one.lastSeenNanos()));
            }
        });
        TreeSet<String> members = new TreeSet<>();
        for (Address address : view) {
            String id = Utils.extractRaftId(address);
            if (id != null) {
                // A restarted member may be in the view twice for a moment; the later one is the live one.
                next.put(id, new Known(address, true, nowNanos));
                members.add(id);
            }
        }
        members.add(self);
        known = next;
        connected = Collections.unmodifiableSet(members);
    }

    /** Where to reach a member; null if that is not known, or was known too long ago. */
    @Nullable Known find(String id, long nowNanos) {
        Known one = known.get(id);
        return one != null && (one.inView() || nowNanos - one.lastSeenNanos() < KEEP_NANOS) ? one : null;
    }

    /** The members of the view, this one included. */
    Set<String> connected() {
        return connected;
    }
}
