package io.wgfabric.core.state;

/**
 * The levels of a cluster: which commands every manager can read. A command says from which level it may be used
 * ({@link io.wgfabric.api.Command#requiredLevel}); the leader raises the level once the software of every manager knows
 * the next one, so that managers can be upgraded one at a time. It is never lowered.
 *
 * <ul>
 *   <li>1: all of the first release.
 *   <li>2: the keys can be rotated, and all else that is newer than the first release.
 * </ul>
 */
public final class Levels {
    /** What every software knows. */
    public static final int FIRST = 1;

    /** The highest level that this software knows. */
    public static final int NEWEST = 2;

    private Levels() {}
}
