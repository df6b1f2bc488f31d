package io.wgfabric.core.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Files that pin what was once written and must be readable for ever: one JSON text and a newline each. With {@code
 * -Dgolden.write=true} a file that is missing is written, and the test fails all the same, so that nothing is pinned
 * unseen; a file that is there is never written again.
 */
final class Golden {
    private static final Path ROOT = Path.of("src/test/resources/golden");

    private Golden() {}

    /** Holds what is written now against what was written first. */
    static void check(String name, byte[] now) {
        assertEquals(text(name, now), new String(now, StandardCharsets.UTF_8), name + " is written in another form");
    }

    /** What was written first. */
    static byte[] read(String name, byte[] now) {
        return text(name, now).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(String name, byte[] now) {
        Path file = ROOT.resolve(name + ".json");
        try {
            if (!Files.exists(file)) {
                if (Boolean.getBoolean("golden.write")) {
                    Files.createDirectories(ROOT.resolve(name).getParent());
                    Files.writeString(file, new String(now, StandardCharsets.UTF_8) + "\n");
                    fail(file + " was written; look at it, commit it, and run again without -Dgolden.write");
                }
                fail(file + " is missing; run once with -Dgolden.write=true");
            }
            String text = Files.readString(file);
            assertTrue(text.endsWith("\n"), file + " ends with a newline");
            return text.substring(0, text.length() - 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names in a folder. */
    static SortedSet<String> names(String folder) {
        TreeSet<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
            files.forEach(file ->
                    names.add(folder + "/" + String.valueOf(file.getFileName()).replaceFirst("\\.json$", "")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }
}
