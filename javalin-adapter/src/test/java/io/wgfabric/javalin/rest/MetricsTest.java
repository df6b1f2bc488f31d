package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the alerts and the dashboard ask for is what a manager tells, and what an alert sends to read is there. */
class MetricsTest {
    static final Path DEPLOY = Path.of("..", "deploy");
    private static final Pattern NAME = Pattern.compile("\\b(?:fabric|jvm|process)_[a-z_]+\\b");
    private static final Pattern RUNBOOK = Pattern.compile("runbook: 'docs/RUNBOOK\\.md#([a-z-]+)'");

    /** After a request of each kind, so that what is counted by kind is there as well. */
    static String scrape(LoneManager manager) throws Exception {
        Client operator = manager.operator();
        assertEquals(200, operator.ask("GET", "/v1/status").status());
        assertEquals(404, operator.ask("GET", "/v1/nodes/nobody").status());
        Reply scraped = operator.ask("GET", "/metrics");
        assertEquals(200, scraped.status());
        return scraped.body();
    }

    private static Set<String> names(String text) {
        return NAME.matcher(text).results().map(found -> found.group()).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void alertsAndDashboardAskForWhatThereIs() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            Set<String> told = names(scrape(manager));
            Set<String> alerts = names(Files.readString(DEPLOY.resolve("prometheus/alerts.yaml")));
            assertTrue(alerts.size() > 10, alerts.toString());
            assertTrue(told.containsAll(alerts), () -> "not told: " + without(alerts, told));
            Set<String> shown = new TreeSet<>();
            JsonNode dashboard = Json.mapper().readTree(Files.readAllBytes(DEPLOY.resolve("grafana/fabric.json")));
            for (JsonNode panel : dashboard.path("panels")) {
                for (JsonNode target : panel.path("targets")) {
                    shown.addAll(names(target.path("expr").asString("")));
                }
            }
            assertTrue(shown.size() > 15, shown.toString());
            assertTrue(told.containsAll(shown), () -> "not told: " + without(shown, told));
        }
    }

    private static Set<String> without(Set<String> all, Set<String> some) {
        Set<String> left = new TreeSet<>(all);
        left.removeAll(some);
        return left;
    }

    @Test
    void requestsAreCountedByRouteAndNotByWhatTheCallerWrote() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            String told = scrape(manager);
            assertTrue(
                    told.contains(
                            "fabric_http_requests_seconds_count{method=\"GET\",route=\"/v1/status\",status=\"200\"} 1"),
                    told);
            assertTrue(told.contains("route=\"/v1/nodes/{id}\",status=\"404\"} 1"), told);
            assertFalse(told.contains("nobody"));
        }
    }

    @Test
    void everyAlertNamesAHeadingOfTheRunbookAndIsShownToFire() throws IOException {
        String alerts = Files.readString(DEPLOY.resolve("prometheus/alerts.yaml"));
        String shown = Files.readString(DEPLOY.resolve("prometheus/alerts.test.yaml"));
        Set<String> headings = Files.readAllLines(Path.of("..", "docs", "RUNBOOK.md")).stream()
                .filter(line -> line.startsWith("#"))
                .map(MetricsTest::anchor)
                .collect(Collectors.toSet());
        Set<String> rules = Pattern.compile("- alert: (\\w+)")
                .matcher(alerts)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> links =
                RUNBOOK.matcher(alerts).results().map(found -> found.group(1)).collect(Collectors.toSet());
        assertEquals(rules.size(), RUNBOOK.matcher(alerts).results().count(), "each has a link");
        assertTrue(headings.containsAll(links), () -> "no such heading: " + without(links, headings));
        for (String rule : rules) {
            assertTrue(shown.contains("- name: '" + rule + "'"), rule + " is in alerts.test.yaml");
        }
    }

    /** As GitHub makes one of a heading. */
    private static String anchor(String heading) {
        return heading.replaceFirst("^#+ ", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9 -]", "")
                .replace(' ', '-');
    }
}
