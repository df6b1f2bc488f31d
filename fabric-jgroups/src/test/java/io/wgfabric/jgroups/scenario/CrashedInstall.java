package io.wgfabric.jgroups.scenario;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a data directory may look like after a crash in the middle of installing a snapshot: the snapshot under its
 * temporary name, in part and as a whole; renamed; the older one gone; a new segment of the log, empty, in part, as a
 * whole; the older segments gone, one by one.
 */
final class CrashedInstall {
    private static final String SNAPSHOT = ".snapshot";

    private final Path directory;
    private final SortedMap<String, byte[]> before;

    /** To be made before the installation. */
    CrashedInstall(Path directory) throws IOException {
        this.directory = directory;
        this.before = files();
    }

    private SortedMap<String, byte[]> files() throws IOException {
        TreeMap<String, byte[]> found = new TreeMap<>();
        try (DirectoryStream<Path> each = Files.newDirectoryStream(directory)) {
            for (Path file : each) {
                found.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
            }
        }
        return found;
    }

    /** How many there are; to be called after the installation. */
    int states() throws IOException {
        return between().size();
    }

    private List<Map<String, byte[]>> between() throws IOException {
        SortedMap<String, byte[]> after = files();
        TreeMap<String, byte[]> now = new TreeMap<>(before);
        List<Map<String, byte[]>> states = new ArrayList<>();
        states.add(new TreeMap<>(now));
        List<String> names = new ArrayList<>(after.keySet());
        names.sort((one, other) -> Boolean.compare(other.endsWith(SNAPSHOT), one.endsWith(SNAPSHOT)));
        for (String name : names) {
            byte[] content = after.get(name);
            byte[] old = before.get(name);
            if (content == null || (old != null && Arrays.equals(old, content))) {
                continue;
            }
            String first = name.endsWith(SNAPSHOT) ? name + ".tmp" : name;
            for (int length : new int[] {0, content.length / 2, content.length}) {
                now.put(first, Arrays.copyOf(content, length));
                states.add(new TreeMap<>(now));
            }
            now.remove(first);
            now.put(name, content);
            states.add(new TreeMap<>(now));
            if (name.endsWith(SNAPSHOT)) {
                drop(now, after, SNAPSHOT, states);
            }
        }
        drop(now, after, "", states);
        return states;
    }

    private static void drop(
            SortedMap<String, byte[]> now,
            SortedMap<String, byte[]> after,
            String suffix,
            List<Map<String, byte[]>> states) {
        for (String name : List.copyOf(now.keySet())) {
            if (name.endsWith(suffix) && !after.containsKey(name)) {
                now.remove(name);
                states.add(new TreeMap<>(now));
            }
        }
    }

    /** Makes the directory look so. */
    void leave(int state) throws IOException {
        Map<String, byte[]> wanted = between().get(state);
        for (String name : files().keySet()) {
            Files.delete(directory.resolve(name));
        }
        for (Map.Entry<String, byte[]> each : wanted.entrySet()) {
            Files.write(directory.resolve(each.getKey()), each.getValue());
        }
    }
}
