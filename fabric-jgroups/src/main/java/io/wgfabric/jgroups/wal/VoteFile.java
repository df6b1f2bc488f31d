package io.wgfabric.jgroups.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Term and vote of a member, with whose they are. Written as one, on disk before an answer leaves (dissertation section
 * 3.8); the term only grows, and a vote that was given in a term stays.
 */
final class VoteFile {
    private static final int MAGIC = 0x57_47_56_31; // "WGV1"

    private final Disk disk;
    private final String file;
    private final String owner;
    private long term;
    private @Nullable String vote;

    private VoteFile(Disk disk, String file, String owner) {
        this.disk = disk;
        this.file = file;
        this.owner = owner;
    }

    /**
     * Reads the file, or writes the first one.
     *
     * @param owner whose data these are, such as cluster and member; it must be the same each time
     */
    static VoteFile open(Disk disk, String file, String owner) throws IOException {
        VoteFile votes = new VoteFile(disk, file, owner);
        if (disk.exists(file)) {
            votes.read();
        } else {
            votes.write(0, null);
        }
        return votes;
    }

    long term() {
        return term;
    }

    @Nullable String vote() {
        return vote;
    }

    /** Returns when it is on disk. Does nothing when nothing changes. */
    void write(long newTerm, @Nullable String newVote) throws IOException {
        if (newTerm < term) {
            throw new IllegalArgumentException("the term cannot go back from " + term + " to " + newTerm);
        }
        if (newTerm == term && vote != null && !vote.equals(newVote)) {
            throw new IllegalArgumentException("already voted for " + vote + " in term " + term);
        }
        byte[] ownerBytes = owner.getBytes(StandardCharsets.UTF_8);
        byte[] voteBytes = newVote == null ? new byte[0] : newVote.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(4 + 8 + 4 + ownerBytes.length + 1 + 4 + voteBytes.length + 4);
        out.putInt(MAGIC).putLong(newTerm);
        out.putInt(ownerBytes.length).put(ownerBytes);
        out.put((byte) (newVote == null ? 0 : 1)).putInt(voteBytes.length).put(voteBytes);
        out.putInt(Durable.crc(out.array(), 0, out.position()));
        Durable.replace(disk, file, out.flip());
        term = newTerm;
        vote = newVote;
    }

    private void read() throws IOException {
        byte[] bytes = disk.read(file);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < 25
                || in.getInt() != MAGIC
                || in.getInt(bytes.length - 4) != Durable.crc(bytes, 0, bytes.length - 4)) {
            throw new DamagedException(disk + "/" + file + ": term and vote are damaged");
        }
        term = in.getLong();
        String found = text(in);
        boolean voted = in.get() == 1;
        String votedFor = text(in);
        vote = voted ? votedFor : null;
        if (!found.equals(owner)) {
            throw new IOException(disk + "/" + file + ": the data belong to '" + found + "', not to '" + owner
                    + "'; give this member its own data directory, or start it under its own name");
        }
    }

    private static String text(ByteBuffer in) {
        byte[] utf8 = new byte[in.getInt()];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
