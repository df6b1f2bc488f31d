package io.wgfabric.core;

import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.core.state.AuditChain;
import org.jspecify.annotations.Nullable;

/**
 * Checks entries of the audit chain one by one, in their order, without the cluster: each must follow the one before it,
 * and its hash must be what the hash before and its own fields make it. Not thread-safe.
 *
 * <p>The hashes have no key. They show that nothing between two entries was changed, left out or put in; that an export
 * is of this cluster, and up to now, is shown by its newest hash being the cluster's.
 */
public final class AuditVerifier {
    private @Nullable AuditEntry first;
    private @Nullable AuditEntry newest;

    /**
     * What is wrong with the next entry, as one line that names it; null if it fits. Nothing is to be asked after that.
     *
     * @param before the hash that the entry says it follows
     */
    public @Nullable String check(Bytes before, AuditEntry entry) {
        AuditEntry previous = newest;
        if (previous != null && entry.number() != previous.number() + 1) {
            return "entry " + entry.number() + " follows entry " + previous.number() + ": there is a gap";
        }
        if (previous != null && !before.equals(previous.hash())) {
            return "entry " + entry.number() + " does not follow entry " + previous.number() + ": one was changed";
        }
        if (entry.number() == 1 && !before.equals(AuditChain.START)) {
            return "entry 1 does not begin the chain";
        }
        if (!AuditChain.verifies(before, entry)) {
            return "entry " + entry.number() + " was changed: its hash is not that of what it says";
        }
        first = previous == null ? entry : first;
        newest = entry;
        return null;
    }

    /** The first entry that was checked; null if none was. */
    public @Nullable AuditEntry first() {
        return first;
    }

    /** The last entry that was checked and fitted. */
    public @Nullable AuditEntry newest() {
        return newest;
    }
}
