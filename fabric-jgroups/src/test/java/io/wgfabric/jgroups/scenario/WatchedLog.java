package io.wgfabric.jgroups.scenario;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import org.jgroups.Address;
import org.jgroups.protocols.raft.Log;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jspecify.annotations.Nullable;

/** jgroups-raft's log, with something before each change of the disk. */
final class WatchedLog implements Log {

    /** What comes before a change; it may throw, and then the change is not made. */
    interface Watch {
        void change();

        void append();
    }

    private final Log log;
    private final Watch watch;

    WatchedLog(Log log, Watch watch) {
        this.log = log;
        this.watch = watch;
    }

    @Override
    public void init(String name, Map<String, String> args) throws Exception {
        log.init(name, args);
    }

    @Override
    public Log useFsync(boolean use) {
        log.useFsync(use);
        return this;
    }

    @Override
    public boolean useFsync() {
        return log.useFsync();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }

    @Override
    public void delete() throws Exception {
        log.delete();
    }

    @Override
    public long currentTerm() {
        return log.currentTerm();
    }

    @Override
    public Log currentTerm(long term) {
        watch.change();
        log.currentTerm(term);
        return this;
    }

    @Override
    public @Nullable Address votedFor() {
        return log.votedFor();
    }

    @Override
    public Log votedFor(@Nullable Address member) {
        watch.change();
        log.votedFor(member);
        return this;
    }

    @Override
    public long commitIndex() {
        return log.commitIndex();
    }

    @Override
    public Log commitIndex(long index) {
        watch.change();
        log.commitIndex(index);
        return this;
    }

    @Override
    public long firstAppended() {
        return log.firstAppended();
    }

    @Override
    public long lastAppended() {
        return log.lastAppended();
    }

    @Override
    public void setSnapshot(ByteBuffer snapshot) {
        watch.change();
        log.setSnapshot(snapshot);
    }

    @Override
    public @Nullable ByteBuffer getSnapshot() {
        return log.getSnapshot();
    }

    @Override
    public long append(long index, LogEntries entries) {
        watch.append();
        watch.change();
        return log.append(index, entries);
    }

    @Override
    public @Nullable LogEntry get(long index) {
        return log.get(index);
    }

    @Override
    public void truncate(long index) {
        watch.change();
        log.truncate(index);
    }

    @Override
    public void reinitializeTo(long index, LogEntry entry) throws Exception {
        watch.change();
        log.reinitializeTo(index, entry);
    }

    @Override
    public void deleteAllEntriesStartingFrom(long index) {
        watch.change();
        log.deleteAllEntriesStartingFrom(index);
    }

    @Override
    public void forEach(ObjLongConsumer<LogEntry> function, long from, long to) {
        log.forEach(function, from, to);
    }

    @Override
    public void forEach(ObjLongConsumer<LogEntry> function) {
        log.forEach(function);
    }

    @Override
    public long sizeInBytes() {
        return log.sizeInBytes();
    }
}
