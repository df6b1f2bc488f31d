package io.wgfabric.jgroups.raft;

import io.wgfabric.jgroups.raft.Message.AppendRequest;
import io.wgfabric.jgroups.raft.Message.AppendResponse;
import io.wgfabric.jgroups.raft.Message.SnapshotRequest;
import io.wgfabric.jgroups.raft.Message.SnapshotResponse;
import io.wgfabric.jgroups.raft.RaftCore.Role;
import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A follower's side of replication (dissertation sections 3.5 and 5.1). The message's term is the current one. */
final class Following {

    /** A snapshot that is coming in. Pieces of any other snapshot or of another leader do not mix with it. */
    private record Incoming(
            String from, long term, SnapshotMeta meta, long size, int checksum, ByteArrayOutputStream bytes) {
        boolean fits(String sender, SnapshotRequest request) {
            return from.equals(sender)
                    && term == request.term()
                    && meta.equals(request.meta())
                    && size == request.size()
                    && checksum == request.checksum();
        }

        boolean isIntact(byte[] whole) {
            CRC32C crc = new CRC32C();
            crc.update(whole);
            return (int) crc.getValue() == checksum;
        }
    }

    private final RaftCore core;
    private @Nullable Incoming incoming;

    Following(RaftCore core) {
        this.core = core;
    }

    void append(String from, AppendRequest request) {
        follow(from);
        long previous = request.previousIndex();
        long verified = previous + request.entries().size();
        if (previous > core.commit && !matches(previous, request.previousTerm())) {
            // Nothing is deleted on a mismatch: only an entry of the leader's that differs proves a conflict.
            core.send(from, new AppendResponse(core.term, request.round(), false, previous, hint(previous)));
            return;
        }
        if (previous <= core.commit && core.log.knows(previous) && core.log.term(previous) != request.previousTerm()) {
            throw divergence(previous, request.previousTerm());
        }
        long expected = previous + 1;
        for (Entry entry : request.entries()) {
            if (entry.index() != expected++) {
                throw new IllegalStateException("entry " + entry.index() + " out of order in a message of " + from);
            }
            accept(entry);
        }
        // Section 3.5: the commit index moves only as far as this request has verified.
        core.commit = Math.max(core.commit, Math.min(request.commit(), verified));
        // What is committed here matches every later leader (leader completeness), so it counts as verified too.
        long matched = Math.max(verified, core.commit);
        core.send(from, new AppendResponse(core.term, request.round(), true, matched, 0));
    }

    private void follow(String from) {
        if (core.role == Role.LEADER) {
            throw new IllegalStateException("two leaders in term " + core.term + ": this member and " + from);
        }
        if (core.leader != null && !core.leader.equals(from)) {
            throw new IllegalStateException("two leaders in term " + core.term + ": " + core.leader + " and " + from);
        }
        core.role = Role.FOLLOWER;
        core.leader = from;
        core.elections.heardFromLeader();
    }

    private boolean matches(long index, long term) {
        return core.log.knows(index) && core.log.term(index) == term;
    }

    /** Section 3.5: deletes only from the first entry whose term differs, and never at or below the commit index. */
    private void accept(Entry entry) {
        if (entry.index() <= core.log.lastIndex()) {
            if (!core.log.knows(entry.index())) {
                return; // compacted, therefore committed, therefore the same
            }
            if (core.log.term(entry.index()) == entry.term()) {
                return;
            }
            if (entry.index() <= core.commit) {
                throw divergence(entry.index(), entry.term());
            }
            core.truncateFrom(entry.index());
        }
        core.append(entry);
    }

    private IllegalStateException divergence(long index, long term) {
        return new IllegalStateException("the leader has term " + term + " at index " + index + ", which is committed"
                + " here with term " + core.log.term(index)
                + ": this member's data belong to another cluster or history; remove it from the voters, move its data"
                + " directory away and let it join again");
    }

    /** The last index at which the logs may agree: whole terms are skipped at once, down to the commit index. */
    private long hint(long previous) {
        long index = Math.min(previous, core.log.lastIndex());
        if (index < previous) {
            return Math.max(index, core.commit);
        }
        long conflicting = core.log.term(index);
        while (index > core.commit && core.log.term(index) == conflicting) {
            index--;
        }
        return index;
    }

    /** One transfer at a time, pieces in order, and nothing at or below the commit index. */
    void snapshotChunk(String from, SnapshotRequest request) {
        follow(from);
        if (request.meta().index() <= core.commit) {
            incoming = null;
            core.send(from, new AppendResponse(core.term, request.round(), true, core.commit, 0));
            return;
        }
        if (request.size() > core.settings.maxSnapshotBytes()) {
            throw new IllegalStateException("a snapshot of " + request.size() + " bytes is over the limit");
        }
        Incoming current = incoming;
        if (current == null || !current.fits(from, request)) {
            current = new Incoming(
                    from,
                    request.term(),
                    request.meta(),
                    request.size(),
                    request.checksum(),
                    new ByteArrayOutputStream());
            incoming = current;
        }
        boolean next = request.offset() == current.bytes().size();
        if (next && request.offset() + request.data().length <= request.size()) {
            current.bytes().writeBytes(request.data());
        }
        long received = current.bytes().size();
        byte[] whole = received < request.size() ? null : current.bytes().toByteArray();
        if (whole != null && !current.isIntact(whole)) {
            // Not what the sender wrote: nothing of it is used, and it is asked for from the start.
            incoming = null;
            received = 0;
            whole = null;
        }
        if (whole == null) {
            core.send(
                    from,
                    new SnapshotResponse(
                            core.term, request.round(), request.meta().index(), received));
            return;
        }
        incoming = null;
        core.restore(request.meta(), whole);
        core.send(from, new AppendResponse(core.term, request.round(), true, core.commit, 0));
    }
}
