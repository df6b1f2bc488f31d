package io.wgfabric.jgroups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.wgfabric.jgroups.raft.Configuration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Files that pin what was once written to disk or network and must be readable for ever: a line that says what it is,
 * then 16 bytes a line in hexadecimal and ASCII. With {@code -Dgolden.write=true} a file that is missing is written, and
 * the test fails all the same, so that nothing is pinned unseen; a file that is there is never written again.
 */
public final class Golden {
    private static final Path ROOT = Path.of("src/test/resources/golden");
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
    private static final int WIDTH = 16;

    private Golden() {}

    /** What was written first; fails if the bytes of now are others. */
    public static byte[] check(String name, Object value, byte[] now) {
        Path file = ROOT.resolve(name + ".hex");
        String text = "# " + describe(value) + "\n" + dump(now);
        try {
            if (!Files.exists(file)) {
                if (Boolean.getBoolean("golden.write")) {
                    Files.createDirectories(ROOT.resolve(name).getParent());
                    Files.writeString(file, text);
                    fail(file + " was written; look at it, commit it, and run again without -Dgolden.write");
                }
                fail(file + " is missing; run once with -Dgolden.write=true");
            }
            String pinned = Files.readString(file);
            assertEquals(pinned, text, name + " is written in another form");
            return parse(pinned);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String dump(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < bytes.length; at += WIDTH) {
            int end = Math.min(bytes.length, at + WIDTH);
            StringBuilder ascii = new StringBuilder();
            for (int i = at; i < end; i++) {
                ascii.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '.');
            }
            out.append(String.format(Locale.ROOT, "%06x  %-47s  |%s|%n", at, HEX.formatHex(bytes, at, end), ascii));
        }
        return out.toString().replace("\r", "");
    }

    private static byte[] parse(String text) {
        StringBuilder hex = new StringBuilder();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> hex.append(line, 8, 56));
        return HEX.parseHex(hex.toString().strip().replaceAll(" +", " "));
    }

    /** The names in a folder. */
    public static Set<String> names(String folder) {
        TreeSet<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
            files.forEach(file -> names.add(String.valueOf(file.getFileName()).replaceFirst("\\.hex$", "")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    /** A value with all that is in it, arrays too. */
    public static String describe(Object value) {
        if (value instanceof byte[] bytes) {
            return "'" + new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".") + "'";
        }
        if (value instanceof List<?> items) {
            return items.stream().map(Golden::describe).toList().toString();
        }
        if (!(value instanceof Record record) || value instanceof Enum || value instanceof Configuration) {
            return String.valueOf(value);
        }
        StringBuilder out = new StringBuilder(record.getClass().getSimpleName()).append('[');
        String separator = "";
        for (RecordComponent part : record.getClass().getRecordComponents()) {
            try {
                part.getAccessor().setAccessible(true);
                Object found = part.getAccessor().invoke(record);
                out.append(separator).append(part.getName()).append('=');
                out.append(found == null ? "none" : describe(found));
                separator = ", ";
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(e.getMessage(), e);
            }
        }
        return out.append(']').toString();
    }
}
