package io.wgfabric.jgroups.raft;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The voters. Everyone else who is connected is a learner. Immutable.
 *
 * <p>A quorum is always counted from this list, never from a number kept beside it and never from a view.
 */
public final class Configuration {
    /** The most voters that a configuration may have. */
    public static final int MAX_VOTERS = 64;

    /** A member that has not been told of any configuration. */
    public static final Configuration NONE = new Configuration(new TreeSet<>());

    private static final int VERSION = 1;
    private final SortedSet<String> voters;

    private Configuration(SortedSet<String> voters) {
        this.voters = Collections.unmodifiableSortedSet(voters);
    }

    public static Configuration of(Collection<String> voters) {
        if (voters.size() > MAX_VOTERS) {
            throw new IllegalArgumentException("at most " + MAX_VOTERS + " voters");
        }
        return new Configuration(new TreeSet<>(voters));
    }

    public SortedSet<String> voters() {
        return voters;
    }

    public boolean has(String id) {
        return voters.contains(id);
    }

    public boolean isEmpty() {
        return voters.isEmpty();
    }

    /** How many voters make a quorum; unreachable when there are none. */
    public int majority() {
        return voters.size() / 2 + 1;
    }

    /** Whether these members hold a majority of the voters. Members that are no voters do not count. */
    public boolean hasMajority(Collection<String> members) {
        int count = 0;
        for (String voter : voters) {
            if (members.contains(voter)) {
                count++;
            }
        }
        return count >= majority();
    }

    public Configuration with(String id) {
        TreeSet<String> changed = new TreeSet<>(voters);
        changed.add(id);
        return of(changed);
    }

    public Configuration without(String id) {
        TreeSet<String> changed = new TreeSet<>(voters);
        changed.remove(id);
        return new Configuration(changed);
    }

    /** Version (1 byte), count (1 byte), then per voter a length (2 bytes) and UTF-8. */
    public byte[] encode() {
        int size = 2;
        for (String voter : voters) {
            size += 2 + voter.getBytes(StandardCharsets.UTF_8).length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put((byte) VERSION).put((byte) voters.size());
        for (String voter : voters) {
            byte[] utf8 = voter.getBytes(StandardCharsets.UTF_8);
            out.putShort((short) utf8.length).put(utf8);
        }
        return out.array();
    }

    /** Reads what {@link #encode} wrote. Throws an unchecked exception on anything else. */
    public static Configuration decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int version = in.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("unknown version " + version + " of a configuration");
        }
        int count = in.get();
        TreeSet<String> voters = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            byte[] utf8 = new byte[in.getShort() & 0xffff];
            in.get(utf8);
            voters.add(new String(utf8, StandardCharsets.UTF_8));
        }
        return of(voters);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Configuration that && voters.equals(that.voters);
    }

    @Override
    public int hashCode() {
        return voters.hashCode();
    }

    @Override
    public String toString() {
        return voters.toString();
    }
}
