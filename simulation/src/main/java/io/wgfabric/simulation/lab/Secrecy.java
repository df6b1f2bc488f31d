package io.wgfabric.simulation.lab;

import io.wgfabric.core.codec.Json;
import io.wgfabric.simulation.netns.LabException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The private WireGuard key of a node is on no other node: not in its folder, its log, or its processes' memory. */
final class Secrecy {
    private static final String KEY_FILE = "wireguard.json";

    private final Report report;

    Secrecy(Report report) {
        this.report = report;
    }

    String check(List<LabNode> nodes) {
        try {
            KeyHunt hunt = new KeyHunt();
            for (LabNode node : nodes) {
                for (byte[] key : keys(node)) {
                    hunt.want(node.name(), key);
                    hunt.want(
                            node.name(), Base64.getEncoder().encodeToString(key).getBytes(StandardCharsets.US_ASCII));
                }
            }
            return search(hunt, nodes);
        } catch (IOException e) {
            throw new LabException("cannot look for keys: " + e.getMessage(), e);
        }
    }

    private String search(KeyHunt hunt, List<LabNode> nodes) throws IOException {
        List<String> faults = new ArrayList<>();
        int processes = 0;
        int own = 0;
        for (LabNode node : nodes) {
            Set<String> found = new TreeSet<>(hunt.inFiles(node.data()));
            own += found.contains(node.name()) ? 1 : 0;
            found.addAll(hunt.inFiles(node.log()));
            for (ProcessHandle process : node.host().processes()) {
                found.addAll(hunt.inMemory(process.pid()));
                processes++;
            }
            found.remove(node.name());
            if (!found.isEmpty()) {
                faults.add(node + " has the key of " + found);
            }
        }
        // That each key is found where it belongs shows that the search finds.
        boolean finds = own == nodes.size();
        String figure = nodes.size() + " folders and logs, the memory of " + processes + " processes";
        report.check(
                "private keys are on their own node only",
                faults.isEmpty() && finds,
                faults.isEmpty() ? (finds ? figure : "only " + own + " keys found at home") : faults.toString());
        return "searched " + figure;
    }

    private static List<byte[]> keys(LabNode node) throws IOException {
        Path file;
        try (Stream<Path> files = Files.walk(node.data())) {
            file = files.filter(path -> path.endsWith(KEY_FILE))
                    .findFirst()
                    .orElseThrow(() -> new LabException(node + " has no " + KEY_FILE));
        }
        JsonNode stored = Json.mapper().readTree(Files.readAllBytes(file));
        return List.of(
                Base64.getDecoder().decode(stored.path("main").asString("")),
                Base64.getDecoder().decode(stored.path("spare").asString("")));
    }
}
