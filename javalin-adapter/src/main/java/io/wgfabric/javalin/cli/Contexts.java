package io.wgfabric.javalin.cli;

import io.wgfabric.agent.AtomicFiles;
import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.server.OperatorFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The operator's files of several clusters by name, and which of them is used where none is named. Folders that only
 * their owner enters, files that only he reads.
 */
final class Contexts {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final String ENDING = ".json";
    private static final int MOST = 1_000;

    private final Path files;
    private final Path current;

    /** @param home a folder, which need not be there yet */
    Contexts(Path home) {
        files = home.resolve("contexts");
        current = home.resolve("current-context");
    }

    /** Those of who runs this: in {@code FABRIC_HOME}, else where programs keep such things. */
    static Contexts ofUser() {
        String named = System.getProperty("fabric.home", System.getenv("FABRIC_HOME"));
        return new Contexts(
                named == null || named.isEmpty()
                        ? Path.of(System.getProperty("user.home", "/"), ".config", "fabric")
                        : Path.of(named));
    }

    /** A context's name and file. */
    record Entry(String name, Path file, boolean isCurrent) {}

    List<Entry> list() throws IOException {
        if (!Files.isDirectory(files)) {
            return List.of();
        }
        String used = current().orElse("");
        try (Stream<Path> found = Files.list(files)) {
            return found.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.endsWith(ENDING))
                    .map(name -> name.substring(0, name.length() - ENDING.length()))
                    .filter(name -> NAME.matcher(name).matches())
                    .sorted()
                    .limit(MOST)
                    .map(name -> new Entry(name, path(name), name.equals(used)))
                    .toList();
        }
    }

    /** The name of the one that is used where none is named. */
    Optional<String> current() throws IOException {
        try {
            return Optional.of(Files.readString(current, StandardCharsets.UTF_8).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * The file of the one that is used where none is named.
     *
     * @throws IOException if it is gone
     */
    Optional<Path> currentFile() throws IOException {
        Optional<String> name = current();
        return name.isEmpty() ? Optional.empty() : Optional.of(require(name.get()));
    }

    /** What is meant by a word: the file of that name, as ever, or else the context. */
    Path named(String word) {
        Path file = Path.of(word);
        boolean known = !Files.exists(file) && NAME.matcher(word).matches() && Files.exists(path(word));
        return known ? path(word) : file;
    }

    /**
     * Keeps a copy of an operator's file; the first is used from then on.
     *
     * @throws IOException if it is none, or the name is taken
     */
    void add(String name, Path file) throws IOException {
        Path kept = path(requireName(name));
        if (Files.exists(kept)) {
            throw new IOException("there is a context " + name + " already; 'fabric context remove " + name
                    + "' it, or choose another name");
        }
        OperatorFile operator = OperatorFile.read(file);
        AtomicFiles.makeFolder(files);
        AtomicFiles.write(kept, Json.mapper().writeValueAsBytes(operator));
        if (current().isEmpty()) {
            use(name);
        }
    }

    void use(String name) throws IOException {
        var unused = require(name);
        AtomicFiles.write(current, (name + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void remove(String name) throws IOException {
        Path file = require(name);
        if (current().filter(name::equals).isPresent()) {
            Files.delete(current);
        }
        Files.delete(file);
    }

    Path require(String name) throws IOException {
        Path file = path(requireName(name));
        if (!Files.exists(file)) {
            throw new IOException("there is no context " + name + "; 'fabric context list' shows which there are");
        }
        return file;
    }

    private Path path(String name) {
        return files.resolve(name + ENDING);
    }

    private static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a context's name is 1 to 64 characters of a-z 0-9 . _ -, a letter or digit first");
        }
        return name;
    }
}
