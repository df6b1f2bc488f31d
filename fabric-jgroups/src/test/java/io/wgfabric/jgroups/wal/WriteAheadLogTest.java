package io.wgfabric.jgroups.wal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects.HardState;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Restored;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteAheadLogTest {
    private static final Configuration ABC = Configuration.of(List.of("a", "b", "c"));

    @TempDir
    Path directory;

    private WriteAheadLog open() throws IOException {
        return WriteAheadLog.open(directory, "cluster/a");
    }

    private static Entry command(long index, long term) {
        return new Entry(index, term, Entry.Kind.COMMAND, 7, index, ("command " + index).getBytes(UTF_8));
    }

    private static List<Entry> commands(long from, long to, long term) {
        List<Entry> entries = new ArrayList<>();
        for (long i = from; i <= to; i++) {
            entries.add(command(i, term));
        }
        return entries;
    }

    private Path segment() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".wal"))
                    .sorted()
                    .reduce((a, b) -> b)
                    .orElseThrow();
        }
    }

    @Test
    void whatWasAppended_isThereAfterARestart() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.vote(new HardState(3, "b"));
            wal.append(commands(1, 3, 2), 0);
            wal.append(commands(4, 5, 3), 3);
            wal.append(commands(5, 6, 4), 4);
        }
        try (WriteAheadLog wal = open()) {
            Restored restored = wal.restored();
            assertEquals(4, restored.term(), "the term of the last entry at least");
            assertEquals(
                    List.of(2L, 2L, 2L, 3L, 4L, 4L),
                    restored.entries().stream().map(Entry::term).toList());
            assertArrayEquals(command(5, 4).data(), restored.entries().get(4).data());
            assertEquals(7, restored.entries().get(4).origin());
            assertEquals(4, restored.commit());
        }
    }

    @Test
    void recoveredLog_hasOneVoter_aboveEveryTerm_andRecoversOnce() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.vote(new HardState(1, null));
            wal.append(List.of(Entry.configuration(1, 1, ABC)), 0);
            wal.append(commands(2, 3, 4), 2);
            wal.vote(new HardState(9, "b"));
            wal.recover("a");
            wal.recover("a");
        }
        try (WriteAheadLog wal = open()) {
            Restored restored = wal.restored();
            assertEquals(10, restored.term());
            assertNull(restored.vote());
            assertEquals(4, restored.entries().size());
            assertEquals(10, restored.entries().get(3).term());
            assertEquals(Configuration.of(List.of("a")), wal.configuration());
        }
    }

    @Test
    void recoveryCutOffBetweenLogAndTerm_isWhole() throws IOException {
        byte[] voteBefore;
        try (WriteAheadLog wal = open()) {
            wal.vote(new HardState(3, "b"));
            wal.append(List.of(Entry.configuration(1, 1, ABC)), 1);
            voteBefore = Files.readAllBytes(directory.resolve("vote"));
            wal.recover("a");
        }
        Files.write(directory.resolve("vote"), voteBefore);
        try (WriteAheadLog wal = open()) {
            wal.recover("a");
            assertEquals(4, wal.restored().term());
            assertNull(wal.restored().vote(), "the vote of term 3 is not one of term 4");
            assertEquals(2, wal.restored().entries().size());
        }
    }

    @Test
    void tornTail_isCut() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.append(commands(1, 2, 1), 0);
        }
        Path file = segment();
        byte[] whole = Files.readAllBytes(file);
        try (WriteAheadLog wal = open()) {
            wal.append(commands(3, 4, 1), 0);
        }
        byte[] longer = Files.readAllBytes(file);
        for (int length = whole.length; length < longer.length; length += 7) {
            byte[] torn = new byte[length];
            System.arraycopy(longer, 0, torn, 0, length);
            Files.write(file, torn);
            try (WriteAheadLog wal = open()) {
                assertEquals(2, wal.restored().entries().size(), "cut at " + length);
            }
            assertEquals(whole.length, Files.size(file));
        }
        byte[] zeros = longer.clone();
        Arrays.fill(zeros, whole.length + 40, zeros.length, (byte) 0);
        Files.write(file, zeros);
        try (WriteAheadLog wal = open()) {
            assertEquals(2, wal.restored().entries().size());
            wal.append(commands(3, 3, 1), 0);
        }
        try (WriteAheadLog wal = open()) {
            assertEquals(3, wal.restored().entries().size());
        }
    }

    @Test
    void tailWhoseLastBytesWereNeverWritten_isCut() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.append(commands(1, 2, 1), 0);
            wal.append(commands(3, 4, 1), 0);
        }
        Path file = segment();
        byte[] whole = Files.readAllBytes(file);
        for (int zeros = 1; zeros < 12; zeros++) {
            byte[] torn = whole.clone();
            Arrays.fill(torn, whole.length - zeros, whole.length, (byte) 0);
            Files.write(file, torn);
            try (WriteAheadLog wal = open()) {
                assertEquals(2, wal.restored().entries().size(), zeros + " zeros");
            }
        }
    }

    @Test
    void flippedBit_isRefused_whereverItIs() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.append(commands(1, 2, 1), 0);
            wal.append(commands(3, 4, 1), 2);
        }
        Path file = segment();
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at += 3) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            Files.write(file, bad);
            IOException refused = assertThrows(IOException.class, this::open, "flipped at " + at);
            assertTrue(String.valueOf(refused.getMessage()).contains("let it join"), refused.getMessage());
        }
    }

    @Test
    void termNeverGoesBack_andAVoteStays() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.vote(new HardState(5, "b"));
            assertThrows(IllegalArgumentException.class, () -> wal.vote(new HardState(4, null)));
            assertThrows(IllegalArgumentException.class, () -> wal.vote(new HardState(5, "c")));
            assertThrows(IllegalArgumentException.class, () -> wal.vote(new HardState(5, null)));
        }
        try (WriteAheadLog wal = open()) {
            assertEquals(5, wal.restored().term());
            assertEquals("b", wal.restored().vote());
        }
    }

    @Test
    void damagedVote_andMissingVote_areRefused() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.vote(new HardState(5, "b"));
        }
        Path file = directory.resolve("vote");
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(file, bad);
            assertThrows(IOException.class, this::open, "flipped at " + at);
        }
        Files.delete(file);
        assertThrows(DamagedException.class, this::open);
    }

    @Test
    void anotherMembersData_areRefused() throws IOException {
        open().close();
        IOException refused = assertThrows(IOException.class, () -> WriteAheadLog.open(directory, "cluster/b"));
        assertTrue(String.valueOf(refused.getMessage()).contains("belong to 'cluster/a'"), refused.getMessage());
    }

    @Test
    void twoProcesses_cannotShareADirectory() throws IOException {
        try (WriteAheadLog wal = open()) {
            assertTrue(wal.isNew());
            assertThrows(IOException.class, this::open);
        }
    }

    @Test
    void snapshotCarriesItsIndex_andTheLogGoesOnAfterIt() throws IOException {
        byte[] state = "state".getBytes(UTF_8);
        try (WriteAheadLog wal = open()) {
            wal.append(commands(1, 10, 1), 0);
            wal.snapshots().write(new SnapshotMeta(8, 1, ABC), state);
            wal.compactTo(6);
            wal.append(commands(11, 12, 2), 11);
        }
        try (WriteAheadLog wal = open()) {
            Restored restored = wal.restored();
            assertEquals(new SnapshotMeta(8, 1, ABC), restored.snapshot());
            assertEquals(12, restored.baseIndex() + restored.entries().size());
            SnapshotFiles.Stored stored = wal.snapshots().newest();
            assertArrayEquals(state, stored == null ? null : wal.snapshots().read(stored));
        }
    }

    @Test
    void installedSnapshot_replacesALogThatIsShorterOrOfAnotherTerm() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.append(commands(1, 5, 1), 0);
            wal.install(new SnapshotMeta(9, 3, ABC), new byte[] {1});
            wal.append(commands(10, 11, 3), 9);
            wal.install(new SnapshotMeta(11, 4, ABC), new byte[] {2});
        }
        try (WriteAheadLog wal = open()) {
            assertEquals(11, wal.restored().baseIndex());
            assertEquals(4, wal.restored().baseTerm());
            assertEquals(0, wal.restored().entries().size());
        }
    }

    @Test
    void whenKilledBetweenSnapshotAndLog_thenTheSnapshotWins(@TempDir Path other) throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.append(commands(1, 5, 1), 5);
        }
        try (WriteAheadLog wal = WriteAheadLog.open(other, "cluster/a")) {
            wal.install(new SnapshotMeta(9, 3, ABC), new byte[] {1});
        }
        String name = String.format(Locale.ROOT, "%020d.snapshot", 9);
        Files.copy(other.resolve(name), directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        Files.write(directory.resolve("half.snapshot.tmp"), new byte[] {1, 2, 3});
        try (WriteAheadLog wal = open()) {
            assertEquals(9, wal.restored().baseIndex());
            wal.append(commands(10, 10, 3), 9);
        }
        try (WriteAheadLog wal = open()) {
            assertEquals(1, wal.restored().entries().size());
        }
    }

    @Test
    void damagedSnapshot_isRefused() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.install(new SnapshotMeta(9, 3, ABC), "a state of some length".getBytes(UTF_8));
        }
        Path file = directory.resolve(String.format(Locale.ROOT, "%020d.snapshot", 9));
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 4;
            Files.write(file, bad);
            assertThrows(
                    IOException.class,
                    () -> {
                        try (WriteAheadLog wal = open()) {
                            SnapshotFiles.Stored stored = wal.snapshots().newest();
                            if (stored != null) {
                                wal.snapshots().read(stored);
                            }
                        }
                    },
                    "flipped at " + at);
        }
        Files.delete(file);
        assertThrows(DamagedException.class, this::open);
    }

    @Test
    void missingSegment_isRefused() throws IOException {
        byte[] large = new byte[1 << 20];
        try (WriteAheadLog wal = open()) {
            for (int i = 1; i <= 40; i++) {
                wal.append(List.of(new Entry(i, 1, Entry.Kind.COMMAND, 1, i, large)), 0);
            }
        }
        Path second = directory.resolve(String.format(Locale.ROOT, "%020d.wal", 2));
        assertTrue(Files.exists(second));
        Files.delete(second);
        assertThrows(DamagedException.class, this::open);
    }

    @Test
    void oldSegments_goWithTheSnapshot_andOverwritesReachIntoThem() throws IOException {
        byte[] large = new byte[1 << 20];
        try (WriteAheadLog wal = open()) {
            for (int i = 1; i <= 40; i++) {
                wal.append(List.of(new Entry(i, 1, Entry.Kind.COMMAND, 1, i, large)), 0);
            }
            wal.append(List.of(command(10, 2)), 0);
            wal.append(commands(11, 12, 2), 0);
        }
        try (WriteAheadLog wal = open()) {
            assertEquals(12, wal.restored().entries().size());
            assertEquals(2, wal.restored().entries().get(9).term());
            wal.snapshots().write(new SnapshotMeta(11, 2, ABC), new byte[] {1});
            wal.compactTo(11);
        }
        try (WriteAheadLog wal = open()) {
            assertEquals(
                    12, wal.restored().baseIndex() + wal.restored().entries().size());
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    1, files.filter(file -> file.toString().endsWith(".wal")).count());
        }
    }

    @Test
    void whenKilledBetweenTheRemovalsOfSegments_thenWhatIsLeftIsEnough() throws IOException {
        try (WriteAheadLog wal = WriteAheadLog.open(DirectoryDisk.open(directory), "cluster/a", 150)) {
            wal.append(commands(1, 3, 1), 0);
            wal.append(commands(4, 4, 1), 0);
            wal.append(commands(3, 5, 2), 0);
            Path second = directory.resolve(String.format(Locale.ROOT, "%020d.wal", 2));
            byte[] left = Files.readAllBytes(second);
            wal.snapshots().write(new SnapshotMeta(4, 2, ABC), new byte[] {1});
            wal.compactTo(4);
            assertFalse(Files.exists(second));
            Files.write(second, left);
        }
        try (WriteAheadLog wal = open()) {
            Restored restored = wal.restored();
            assertEquals(5, restored.baseIndex() + restored.entries().size());
            assertEquals(
                    2, restored.entries().get(restored.entries().size() - 1).term());
        }
    }

    @Test
    void bootstrap_isOneVoter_andHappensOnce() throws IOException {
        try (WriteAheadLog wal = open()) {
            wal.bootstrap("a");
            assertThrows(IllegalStateException.class, () -> wal.bootstrap("a"));
        }
        try (WriteAheadLog wal = open()) {
            assertEquals(1, wal.restored().term());
            assertNull(wal.restored().vote());
            Entry first = wal.restored().entries().get(0);
            assertEquals(Configuration.of(List.of("a")), Configuration.decode(first.data()));
        }
    }
}
