package io.wgfabric.scale.containers;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a run measured, as plain data. Not thread-safe. */
public final class Measurements {

    /**
     * Something that happened.
     *
     * @param seconds since the run began
     */
    public record Event(double seconds, String node, String kind) {}

    private final Map<String, List<Double>> samples = new TreeMap<>();
    private final Map<String, Double> figures = new TreeMap<>();
    private final List<Event> events = new ArrayList<>();
    private List<String> nodes = List.of();
    private boolean[][] reached = {};

    /** One more of its kind, in ms. */
    public void took(String name, Duration duration) {
        sample(name, duration.toNanos() / 1e6);
    }

    /** One more of its kind, in the unit that the name ends in. */
    public void sample(String name, double value) {
        samples.computeIfAbsent(name, unused -> new ArrayList<>()).add(value);
    }

    /** What there is only one of, in the unit that the name ends in. */
    public void figure(String name, double value) {
        figures.put(name, value);
    }

    public void event(double seconds, String node, String kind) {
        events.add(new Event(seconds, node, kind));
    }

    /** @param matrix {@code [from][to]}, whether it has answers; true for itself */
    public void reachability(List<String> names, boolean[][] matrix) {
        nodes = List.copyOf(names);
        reached = matrix.clone();
    }

    public Map<String, List<Double>> samples() {
        return Collections.unmodifiableMap(samples);
    }

    public Map<String, Double> figures() {
        return Collections.unmodifiableMap(figures);
    }

    public List<Event> events() {
        return List.copyOf(events);
    }

    /** In the order of the rows and columns of {@link #reached}. */
    public List<String> nodes() {
        return nodes;
    }

    public boolean[][] reached() {
        return reached.clone();
    }

    /** Median, 95th percentile and greatest of a kind, in a line for people. */
    public String line(String name) {
        List<Double> sorted =
                samples.getOrDefault(name, List.of()).stream().sorted().toList();
        if (sorted.isEmpty()) {
            return name + ": none";
        }
        return String.format(
                Locale.ROOT,
                "%s: median %.0f, 95%% %.0f, greatest %.0f of %d",
                name,
                at(sorted, 50),
                at(sorted, 95),
                at(sorted, 100),
                sorted.size());
    }

    /** The smallest that so many percent are no greater than. */
    private static double at(List<Double> sorted, int percent) {
        return sorted.get(Math.max(0, (sorted.size() * percent + 99) / 100 - 1));
    }

    /** All of it as JSON. */
    public void write(Path file) throws IOException {
        ObjectNode root = Json.mapper().createObjectNode();
        ObjectNode single = root.putObject("figures");
        figures.forEach(single::put);
        ObjectNode many = root.putObject("samples");
        samples.forEach((name, values) -> {
            ArrayNode array = many.putArray(name);
            values.forEach(array::add);
        });
        ArrayNode happened = root.putArray("events");
        for (Event each : events) {
            happened.addObject()
                    .put("seconds", each.seconds())
                    .put("node", each.node())
                    .put("kind", each.kind());
        }
        ObjectNode pairs = root.putObject("reachability");
        ArrayNode names = pairs.putArray("nodes");
        nodes.forEach(names::add);
        ArrayNode rows = pairs.putArray("reached");
        for (boolean[] row : reached) {
            ArrayNode cells = rows.addArray();
            for (boolean cell : row) {
                cells.add(cell);
            }
        }
        Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
        Files.writeString(file, Json.mapper().writeValueAsString(root));
    }
}
