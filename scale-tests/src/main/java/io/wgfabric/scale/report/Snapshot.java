package io.wgfabric.scale.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;

/**
 * A report as it was at one moment.
 *
 * @param events by time
 */
record Snapshot(
        String title,
        Instant started,
        Duration took,
        Map<String, Histogram> series,
        List<Event> events,
        Map<String, Reach> reach,
        List<Fact> headlines,
        List<Fact> facts) {
    Snapshot {
        series = new LinkedHashMap<>(series);
        reach = new LinkedHashMap<>(reach);
        events = events.stream().sorted(Comparator.comparing(Event::at)).toList();
        headlines = List.copyOf(headlines);
        facts = List.copyOf(facts);
    }

    /** By the series' names; a name is for people and may hold anything, so that a file's is made of what is harmless. */
    Map<String, String> fileNames() {
        Map<String, String> names = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>();
        for (String name : series.keySet()) {
            String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
            String stem = plain.replaceAll("^-|-$", "");
            String base = stem.isEmpty() ? "series" : stem;
            String file = base + ".hgrm";
            for (int number = 2; !taken.add(file); number++) {
                file = base + "-" + number + ".hgrm";
            }
            names.put(name, file);
        }
        return names;
    }

    /** What happened outside of the steps that every node takes. */
    List<Event> marks() {
        return events.stream().filter(event -> !event.kind().isStep()).toList();
    }

    List<Event> steps(Event.Kind kind) {
        return events.stream().filter(event -> event.kind() == kind).toList();
    }
}
