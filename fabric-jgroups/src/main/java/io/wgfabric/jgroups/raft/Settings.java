package io.wgfabric.jgroups.raft;

/**
 * Times and limits of the core.
 *
 * @param electionMillis a follower campaigns when it has not heard of a leader for one to two times this; also the
 *     time for which it refuses votes after it heard of one (dissertation section 4.2.3)
 * @param heartbeatMillis how often a leader shows itself
 * @param maxMessageEntries entries in one message
 * @param maxMessageBytes bytes of entries in one message, except that a single larger entry goes alone
 * @param maxInflight messages to one follower that are not answered yet
 * @param maxUncommittedBytes bytes of entries that are not committed; more is refused as busy
 * @param maxSnapshotBytes the largest snapshot that is accepted from a leader
 */
public record Settings(
        long electionMillis,
        long heartbeatMillis,
        int maxMessageEntries,
        long maxMessageBytes,
        int maxInflight,
        long maxUncommittedBytes,
        long maxSnapshotBytes) {

    public Settings {
        if (heartbeatMillis < 1 || electionMillis < 3 * heartbeatMillis) {
            throw new IllegalArgumentException("the election timeout must be at least three heartbeats");
        }
    }

    /** 300 to 600 ms for an election, heartbeats every 60 ms, 512 KiB a message. */
    public static Settings standard() {
        return new Settings(300, 60, 4096, 512 << 10, 32, 64 << 20, 1 << 30);
    }
}
