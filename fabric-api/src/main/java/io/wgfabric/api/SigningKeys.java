package io.wgfabric.api;

import java.time.Instant;
import java.util.Objects;

/**
 * Which keys of a kind there are, by generation. At rest all three are one. A rotation makes the newest known, then used,
 * then retires the oldest; there are never more than two.
 *
 * @param oldest what it signed is still believed
 * @param used what signs
 * @param newest what every manager believes already
 * @param since when one of them changed last
 */
public record SigningKeys(int oldest, int used, int newest, Instant since) {
    /** Of a cluster whose key was never rotated. */
    public static final SigningKeys FIRST = new SigningKeys(1, 1, 1, Instant.EPOCH);

    public SigningKeys {
        Objects.requireNonNull(since);
        if (oldest < 1 || used < oldest || newest < used || newest > oldest + 1) {
            throw new IllegalArgumentException("there are one or two keys of a kind");
        }
    }

    /** Whether no rotation is under way. */
    public boolean isAtRest() {
        return oldest == newest;
    }

    public SigningKeys withNext(Instant now) {
        return new SigningKeys(oldest, used, newest + 1, now);
    }

    public SigningKeys withNextUsed(Instant now) {
        return new SigningKeys(oldest, newest, newest, now);
    }

    public SigningKeys withOldRetired(Instant now) {
        return new SigningKeys(used, used, newest, now);
    }
}
