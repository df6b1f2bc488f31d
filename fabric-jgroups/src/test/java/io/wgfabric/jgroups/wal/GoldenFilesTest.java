package io.wgfabric.jgroups.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.jgroups.Golden;
import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The next version of the program finds what this one has on its disk. */
class GoldenFilesTest {
    private static final String FIRST = "00000000000000000001.wal";
    private static final String SECOND = "00000000000000000002.wal";
    private static final Configuration CONFIGURATION = Configuration.of(List.of("n1", "ü2"));
    private static final Entry CONFIGURED = Entry.configuration(1, 1, CONFIGURATION);
    private static final Entry NOOP = Entry.noop(2, 2);
    private static final Entry COMMAND = new Entry(3, 2, Entry.Kind.COMMAND, 0x0102030405060708L, 9, text("a command"));
    private static final Entry INTERNAL = new Entry(4, 2, Entry.Kind.INTERNAL, 0, 0, text("internal"));
    private static final Entry DROPPED = new Entry(5, 2, Entry.Kind.COMMAND, 1, 2, text("dropped"));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Disk disk;

    @BeforeEach
    void open() throws IOException {
        disk = DirectoryDisk.open(folder);
    }

    @AfterEach
    void close() throws IOException {
        disk.close();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Base, entries of all kinds with a commit index, and a truncation. */
    @Test
    void segmentIsReadAndWrittenAsEver() throws IOException {
        try (SegmentLog log = new SegmentLog(disk, SegmentLog.SEGMENT_BYTES)) {
            log.append(List.of(CONFIGURED), 0);
            log.append(List.of(NOOP, COMMAND, INTERNAL, DROPPED), 3);
            log.truncateFrom(5);
        }
        byte[] pinned = Golden.check(
                "wal/segment",
                List.of(CONFIGURED, NOOP, COMMAND, INTERNAL, DROPPED),
                Files.readAllBytes(folder.resolve(FIRST)));

        Files.write(folder.resolve(FIRST), pinned);
        try (SegmentLog log = new SegmentLog(disk, SegmentLog.SEGMENT_BYTES)) {
            assertEquals(Golden.describe(List.of(CONFIGURED, NOOP, COMMAND, INTERNAL)), Golden.describe(log.entries()));
            assertEquals(0, log.baseIndex());
            assertEquals(3, log.commit());
        }
    }

    /** A segment after a snapshot that the leader sent: all before it is void. */
    @Test
    void segmentAfterASnapshotIsReadAndWrittenAsEver() throws IOException {
        Entry after = new Entry(101, 7, Entry.Kind.COMMAND, 3, 4, text("after"));
        try (SegmentLog log = new SegmentLog(disk, SegmentLog.SEGMENT_BYTES)) {
            log.append(List.of(CONFIGURED), 1);
            log.reset(100, 6);
            log.append(List.of(after), 101);
        }
        byte[] pinned = Golden.check("wal/segment-reset", List.of(after), Files.readAllBytes(folder.resolve(SECOND)));

        Files.write(folder.resolve(SECOND), pinned);
        try (SegmentLog log = new SegmentLog(disk, SegmentLog.SEGMENT_BYTES)) {
            assertEquals(Golden.describe(List.of(after)), Golden.describe(log.entries()));
            assertEquals(100, log.baseIndex());
            assertEquals(6, log.baseTerm());
            assertEquals(101, log.commit());
        }
    }

    @Test
    void voteIsReadAndWrittenAsEver() throws IOException {
        vote("wal/vote", "n2");
    }

    @Test
    void voteOfNobodyIsReadAndWrittenAsEver() throws IOException {
        vote("wal/vote-nobody", null);
    }

    private void vote(String name, @Nullable String vote) throws IOException {
        Path file = folder.resolve("vote");
        VoteFile.open(disk, "vote", "c1/n1").write(7, vote);
        byte[] pinned = Golden.check(name, "term 7, vote " + vote + ", owner c1/n1", Files.readAllBytes(file));

        Files.write(file, pinned);
        VoteFile read = VoteFile.open(disk, "vote", "c1/n1");
        assertEquals(7, read.term());
        assertEquals(vote, read.vote());
    }

    @Test
    void snapshotIsReadAndWrittenAsEver() throws IOException {
        SnapshotMeta meta = new SnapshotMeta(100, 6, CONFIGURATION);
        String name = new SnapshotFiles(disk).write(meta, text("a state")).file();
        assertEquals("00000000000000000100.snapshot", name);
        Path file = folder.resolve(name);
        byte[] pinned = Golden.check("wal/snapshot", meta, Files.readAllBytes(file));

        Files.write(file, pinned);
        SnapshotFiles files = new SnapshotFiles(disk);
        SnapshotFiles.Stored stored = Objects.requireNonNull(files.newest());
        assertEquals(meta, stored.meta());
        assertArrayEquals(text("a state"), files.read(stored));
    }
}
