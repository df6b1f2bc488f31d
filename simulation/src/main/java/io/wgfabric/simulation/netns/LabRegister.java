package io.wgfabric.simulation.netns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which labs exist on this machine, and who made each: so that the remains of one whose maker was killed are found and
 * removed, and those of one that lives, or of somebody else, never. One file for each lab.
 */
final class LabRegister {
    private static final Path FOLDER = Path.of("/run/fabric-lab");
    private static final String MADE_SOCKETS = "made-wireguard-folder";

    /** Where the start time is among the fields of {@code /proc/PID/stat} behind the name, see proc(5), field 22. */
    private static final int START_FIELD = 19;

    private LabRegister() {}

    /** A lab whose maker is dead. */
    record Remains(LabId id, Path folder) {}

    static void add(LabId id, Path folder) {
        try {
            Files.createDirectories(FOLDER);
            Files.writeString(
                    FOLDER.resolve(id.toString()),
                    startOf(id.pid()).orElse("?") + "\n" + folder.toAbsolutePath() + "\n");
            Path sockets = Path.of(LabNetwork.SOCKETS);
            if (!Files.isDirectory(sockets)) {
                Files.createDirectories(sockets);
                Files.writeString(FOLDER.resolve(MADE_SOCKETS), "");
            }
        } catch (IOException e) {
            throw new LabException("cannot write " + FOLDER + ": " + e.getMessage(), e);
        }
    }

    /** The last lab that goes takes the folders along that the first one made. */
    static void remove(LabId id) {
        try {
            Files.deleteIfExists(FOLDER.resolve(id.toString()));
            if (!ids().isEmpty()) {
                return;
            }
            if (Files.deleteIfExists(FOLDER.resolve(MADE_SOCKETS))) {
                deleteIfEmpty(Path.of(LabNetwork.SOCKETS));
            }
            deleteIfEmpty(FOLDER);
        } catch (IOException e) {
            throw new LabException("cannot remove what is in " + FOLDER + ": " + e.getMessage(), e);
        }
    }

    private static void deleteIfEmpty(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> content = Files.list(folder)) {
            if (content.findAny().isPresent()) {
                return;
            }
        }
        Files.delete(folder);
    }

    static List<Remains> abandoned() {
        List<Remains> remains = new ArrayList<>();
        for (LabId id : ids()) {
            try {
                List<String> lines = Files.readAllLines(FOLDER.resolve(id.toString()));
                boolean lives = lines.size() == 2 && startOf(id.pid()).equals(Optional.of(lines.get(0)));
                if (lines.size() == 2 && !lives) {
                    remains.add(new Remains(id, Path.of(lines.get(1))));
                }
            } catch (NoSuchFileException e) {
                // It went away in the meantime.
            } catch (IOException e) {
                throw new LabException("cannot read " + FOLDER.resolve(id.toString()) + ": " + e.getMessage(), e);
            }
        }
        return remains;
    }

    private static List<LabId> ids() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.flatMap(file -> LabId.parse(String.valueOf(file.getFileName())).stream())
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new LabException("cannot list " + FOLDER + ": " + e.getMessage(), e);
        }
    }

    /** When a process began, in ticks since the machine's start: a process id is used again, both together are not. */
    private static Optional<String> startOf(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Optional.of(fields[START_FIELD]);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
