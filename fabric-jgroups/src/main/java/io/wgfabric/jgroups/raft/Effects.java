package io.wgfabric.jgroups.raft;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the world must do after a step, in this order: install the snapshot, write term and vote, send
 * {@link #early} messages, append the entries and sync, send {@link #messages} and chunks, hand over what is committed,
 * give the answers. Nothing of {@code messages} may leave before the writes are on disk.
 */
public final class Effects {

    /** A message and whom it is for. */
    public record Send(String to, Message message) {}

    /** A piece of the newest snapshot that is to be read and sent as a {@link Message.SnapshotRequest}. */
    public record Chunk(String to, long term, long round, SnapshotMeta meta, long size, long offset) {}

    /** Term and vote, to be written together. */
    public record HardState(long term, @Nullable String vote) {}

    /** A snapshot from the leader: it replaces log and state. */
    @SuppressWarnings("ArrayRecordComponent") // shared bytes, never compared
    public record Install(SnapshotMeta meta, byte[] data, boolean keepsLog) {}

    /** A command that was not appended and never will be by this event. */
    public record Refused(Event.Propose propose, Refusal reason) {}

    /** The answer to a {@link Event.Change} or {@link Event.Read}. */
    public record Answer(Object token, @Nullable Refusal refusal, long index) {}

    /** Why something was refused. The code is on the wire and never changes. */
    public enum Refusal {
        NOT_LEADER(1),
        /** The leader has no committed entry of its term yet, a change is pending, or a transfer runs. */
        BUSY(2),
        /** The learner has not caught up, or is not connected. */
        NOT_READY(3),
        /** The last voter cannot go. */
        LAST_VOTER(4),
        /** The leader cannot remove itself; it must hand over first. */
        IS_LEADER(5);

        private final int code;

        Refusal(int code) {
            this.code = code;
        }

        /** A positive number. */
        public int code() {
            return code;
        }
    }

    private @Nullable HardState hardState;
    private @Nullable Install install;
    private final List<Send> early = new ArrayList<>();
    private List<Entry> entries = List.of();
    private final List<Send> messages = new ArrayList<>();
    private final List<Chunk> chunks = new ArrayList<>();
    private final List<Entry> committed = new ArrayList<>();
    private final List<Refused> refused = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();

    public @Nullable HardState hardState() {
        return hardState;
    }

    public @Nullable Install install() {
        return install;
    }

    /** The leader's entries: they may leave while it writes them itself (section 10.2.1), after term and vote. */
    public List<Send> early() {
        return early;
    }

    /** To be appended; the first one's index says where, and everything at or after it in the log is replaced. */
    public List<Entry> entries() {
        return entries;
    }

    public List<Send> messages() {
        return messages;
    }

    public List<Chunk> chunks() {
        return chunks;
    }

    /** To be applied, in order; without a gap except after an installed snapshot. */
    public List<Entry> committed() {
        return committed;
    }

    public List<Refused> refused() {
        return refused;
    }

    public List<Answer> answers() {
        return answers;
    }

    void hardState(HardState state) {
        hardState = state;
    }

    void install(Install value) {
        install = value;
    }

    void entries(List<Entry> value) {
        entries = value;
    }
}
