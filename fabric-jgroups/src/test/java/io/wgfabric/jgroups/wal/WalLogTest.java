package io.wgfabric.jgroups.wal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.raft.util.Utils;
import org.jgroups.util.ExtendedUUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** jgroups-raft's Log interface on the write-ahead log. */
class WalLogTest {
    private final WalLog log = new WalLog();

    @TempDir
    Path directory;

    @BeforeEach
    void open() throws IOException {
        log.init(directory.resolve("x.log").toString(), null);
    }

    private void reopen() throws IOException {
        log.close();
        open();
    }

    private static LogEntry entry(long term, String command) {
        return new LogEntry(term, command.getBytes(UTF_8));
    }

    @Test
    void keepsTermVoteAndEntries_overARestart() throws IOException {
        ExtendedUUID voted = ExtendedUUID.randomUUID("b").put(RAFT.raft_id_key, "b".getBytes(UTF_8));
        log.currentTerm(4).votedFor(voted);
        log.append(
                1,
                LogEntries.create(
                        entry(2, "one"), entry(3, "two"), entry(4, "three").internal(true)));
        log.commitIndex(2);
        log.append(4, LogEntries.create(entry(4, "four")));
        reopen();
        assertEquals(4, log.currentTerm());
        assertEquals("b", Utils.extractRaftId(log.votedFor()));
        assertEquals(1, log.firstAppended());
        assertEquals(4, log.lastAppended());
        assertEquals(2, log.commitIndex());
        List<String> found = new ArrayList<>();
        log.forEach((entry, index) -> found.add(index + "/" + entry.term() + "/" + entry.internal()));
        assertEquals(List.of("1/2/false", "2/3/false", "3/4/true", "4/4/false"), found);
        assertNull(log.get(5));
        log.close();
    }

    @Test
    void appendingOldEntries_doesNotTakeTheTermBack() throws IOException {
        log.currentTerm(9);
        log.append(1, LogEntries.create(entry(2, "one")));
        assertEquals(9, log.currentTerm());
        assertThrows(IllegalArgumentException.class, () -> log.currentTerm(8));
        log.close();
    }

    @Test
    void deletedSuffix_staysDeleted() throws IOException {
        log.append(1, LogEntries.create(entry(1, "one"), entry(1, "two"), entry(1, "three")));
        log.deleteAllEntriesStartingFrom(2);
        reopen();
        assertEquals(1, log.lastAppended());
        log.append(2, LogEntries.create(entry(2, "other")));
        reopen();
        assertEquals(2, log.lastAppended());
        log.close();
    }

    @Test
    void reinitializedLog_isNotEmptyAfterARestart() throws IOException {
        log.append(1, LogEntries.create(entry(1, "one")));
        log.setSnapshot(ByteBuffer.wrap("state".getBytes(UTF_8)));
        log.reinitializeTo(10, entry(3, "ten"));
        log.append(11, LogEntries.create(entry(3, "eleven")));
        reopen();
        assertEquals(11, log.lastAppended());
        assertNotNull(log.get(11));
        ByteBuffer state = log.getSnapshot();
        assertNotNull(state);
        assertEquals("state", UTF_8.decode(state).toString());
        log.close();
    }

    @Test
    void truncatedPrefix_needsASnapshot() throws IOException {
        log.append(1, LogEntries.create(entry(1, "one"), entry(1, "two"), entry(1, "three")));
        log.commitIndex(3);
        log.truncate(3);
        assertEquals(1, log.firstAppended());
        log.setSnapshot(ByteBuffer.wrap(new byte[] {1}));
        log.truncate(3);
        assertEquals(3, log.firstAppended());
        log.delete();
        log.init(directory.resolve("x.log").toString(), null);
        assertEquals(0, log.lastAppended());
        log.close();
    }
}
