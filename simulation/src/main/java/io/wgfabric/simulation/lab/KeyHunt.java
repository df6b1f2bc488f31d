package io.wgfabric.simulation.lab;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Looks for byte strings in files, and in the memory of processes, where Linux shows it to root. */
final class KeyHunt {
    private static final int CHUNK_BYTES = 1 << 16;

    /** Java maps its archives of classes writable; they are large, and hold classes only. */
    private static final String CLASS_ARCHIVE = ".jsa";

    private static final int PREFIX_BYTES = 2;

    private final List<byte[]> wanted = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();

    /** The first two bytes of what is wanted: nearly every place is passed after one look into this. */
    private final boolean[] prefixes = new boolean[1 << (8 * PREFIX_BYTES)];

    private int longest;

    /** @param label what is answered where these bytes are found */
    void want(String label, byte[] bytes) {
        if (bytes.length < 2 * PREFIX_BYTES) {
            throw new IllegalArgumentException("so few bytes are found everywhere");
        }
        wanted.add(bytes.clone());
        labels.add(label);
        prefixes[prefix(bytes, 0)] = true;
        longest = Math.max(longest, bytes.length);
    }

    private static int prefix(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    /** The labels of what is in a folder's files, or in the file. */
    Set<String> inFiles(Path top) throws IOException {
        Set<String> found = new TreeSet<>();
        if (!Files.exists(top)) {
            return found;
        }
        try (Stream<Path> files = Files.walk(top)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
                    scan(in, 0, in.length(), found);
                }
            }
        } catch (UncheckedIOException e) {
            throw new IOException("cannot read " + top, e);
        }
        return found;
    }

    /**
     * The labels of what is in the writable memory of a process; what is not writable comes from files.
     *
     * @throws IOException if it has ended, or its memory may not be read
     */
    Set<String> inMemory(long pid) throws IOException {
        Set<String> found = new TreeSet<>();
        Path process = Path.of("/proc", Long.toString(pid));
        try (RandomAccessFile memory =
                new RandomAccessFile(process.resolve("mem").toFile(), "r")) {
            for (String line : Files.readAllLines(process.resolve("maps"), StandardCharsets.UTF_8)) {
                String[] fields = line.split(" ", 3);
                if (fields[1].startsWith("rw") && !line.endsWith(CLASS_ARCHIVE)) {
                    String[] range = fields[0].split("-", 2);
                    scan(memory, Long.parseUnsignedLong(range[0], 16), Long.parseUnsignedLong(range[1], 16), found);
                }
            }
        }
        return found;
    }

    private void scan(RandomAccessFile in, long from, long to, Set<String> found) throws IOException {
        byte[] buffer = new byte[CHUNK_BYTES + longest];
        byte[] zeros = new byte[CHUNK_BYTES + longest];
        int kept = 0;
        in.seek(from);
        for (long at = from; at < to; ) {
            int count;
            try {
                count = in.read(buffer, kept, (int) Math.min(CHUNK_BYTES, to - at));
            } catch (IOException e) {
                // A page of a device, or one that went away in the meantime: no memory of the program's.
                return;
            }
            if (count <= 0) {
                return;
            }
            at += count;
            int filled = kept + count;
            // Much of the memory of a Java process was never written.
            if (!Arrays.equals(buffer, 0, filled, zeros, 0, filled)) {
                find(buffer, filled, found);
            }
            // What lies across the border of two chunks is seen with the next one.
            kept = Math.min(filled, longest - 1);
            System.arraycopy(buffer, filled - kept, buffer, 0, kept);
        }
    }

    private void find(byte[] buffer, int filled, Set<String> found) {
        for (int at = 0; at + PREFIX_BYTES <= filled; at++) {
            if (!prefixes[prefix(buffer, at)]) {
                continue;
            }
            for (int each = 0; each < wanted.size(); each++) {
                byte[] bytes = wanted.get(each);
                int end = at + bytes.length;
                if (end <= filled && Arrays.equals(bytes, 0, bytes.length, buffer, at, end)) {
                    found.add(labels.get(each));
                }
            }
        }
    }
}
