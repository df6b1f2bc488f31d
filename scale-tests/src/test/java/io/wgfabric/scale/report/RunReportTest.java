package io.wgfabric.scale.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import tools.jackson.databind.JsonNode;

class RunReportTest {
    private static final String HOSTILE = "</td><script>alert('1')</script>\"&\u0000";

    @TempDir
    private Path folder;

    private Document page(RunReport report) throws IOException {
        String text = Files.readString(report.write(folder));
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(text)));
        } catch (SAXException | ParserConfigurationException e) {
            throw new IOException("the page is not well-formed", e);
        }
    }

    private JsonNode summary() throws IOException {
        return Json.mapper().readTree(Files.readString(folder.resolve(RunReport.SUMMARY)));
    }

    private static List<Element> all(Document page, String tag) {
        NodeList found = page.getElementsByTagName(tag);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> (Element) found.item(i))
                .toList();
    }

    private static long withClass(Document page, String tag, String word) {
        return all(page, tag).stream()
                .filter(element ->
                        List.of(element.getAttribute("class").split(" ", -1)).contains(word))
                .count();
    }

    @Test
    void numbersOfAKnownSeriesAreInAllFiles() throws IOException {
        RunReport report = new RunReport("known");
        for (int millis = 1; millis <= 1_000; millis++) {
            report.series("join latency").record(Duration.ofMillis(millis));
        }

        Document page = page(report);

        List<String> cells =
                all(page, "td").stream().map(Element::getTextContent).toList();
        assertEquals(List.of("join latency", "1,000", "500 ms", "900 ms", "990 ms", "999 ms", "1 s"), rounded(cells));
        JsonNode latency = summary().path("latencies").path(0);
        assertEquals(1_000, latency.path("count").asLong());
        assertEquals(500, latency.path("p50Millis").asDouble(), 0.5);
        assertEquals(900, latency.path("p90Millis").asDouble(), 1);
        assertEquals(990, latency.path("p99Millis").asDouble(), 1);
        assertEquals(999, latency.path("p999Millis").asDouble(), 1);
        assertEquals(1_000, latency.path("maxMillis").asDouble(), 1);
        String histogram = Files.readString(folder.resolve(latency.path("file").asString("")));
        assertTrue(histogram.contains("Total count    =         1000"), histogram);
    }

    /** Three digits are kept, so the last one may be off by one. */
    private static List<String> rounded(List<String> cells) {
        return cells.stream().map(cell -> cell.equals("1.00 s") ? "1 s" : cell).toList();
    }

    @Test
    void whatNodesAreCalledIsTextAndNothingElse() throws IOException {
        RunReport report = new RunReport(HOSTILE);
        report.event(Event.Kind.JOINED, HOSTILE);
        report.event(Event.Kind.KILLED, HOSTILE);
        report.series(HOSTILE).record(Duration.ofMillis(3));
        report.reach(
                HOSTILE, Reach.of(List.of(HOSTILE, "b")).failed(HOSTILE, "b").build());
        report.headline(HOSTILE, 1, HOSTILE);
        report.fact(HOSTILE, HOSTILE, HOSTILE);

        Document page = page(report);

        assertEquals(List.of(), all(page, "script"));
        String shown = HOSTILE.replace('\u0000', '\uFFFD');
        assertEquals(shown, all(page, "h1").get(0).getTextContent());
        assertTrue(
                all(page, "td").stream().anyMatch(cell -> cell.getTextContent().equals(shown)));
    }

    @Test
    void namesThatDifferInWhatFilesMayNotHaveGetFilesOfTheirOwn() throws IOException {
        RunReport report = new RunReport("files");
        List.of("a/b", "a b", "../../a", "…")
                .forEach(name -> report.series(name).record(Duration.ZERO));

        report.write(folder);

        try (Stream<Path> files = Files.walk(folder)) {
            Set<String> names = files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(
                    new TreeSet<>(Set.of(
                            "a-b.hgrm", "a-b-2.hgrm", "a.hgrm", "series.hgrm", RunReport.PAGE, RunReport.SUMMARY)),
                    names);
        }
    }

    @Test
    void aRunThatMeasuredNothingIsAPageToo() throws IOException {
        assertEquals(1, all(page(new RunReport("nothing")), "h1").size());

        RunReport empty = new RunReport("series and matrix without content");
        empty.series("never");
        empty.reach("of nobody", Reach.of(List.of()).build());
        empty.reach("of one", Reach.of(List.of("m1")).build());

        Document page = page(empty);

        assertEquals("–", all(page, "td").get(2).getTextContent());
        assertEquals(2, withClass(page, "p", "passed"));
        assertEquals(0, summary().path("latencies").path(0).path("count").asLong(-1));
    }

    @Test
    void failedPairsAreCountedNamedAndMarked() throws IOException {
        RunReport report = new RunReport("reach");
        report.reach(
                "then",
                Reach.of(List.of("a", "b", "c", "d"))
                        .failed("a", "c")
                        .failed("a", "d")
                        .failed("c", "a")
                        .build());

        Document page = page(report);

        assertEquals(
                "✗ 9 of 12 directed pairs of 4 nodes", all(page, "p").get(1).getTextContent());
        List<String> titles =
                all(page, "title").stream().map(Element::getTextContent).toList();
        assertEquals(List.of("reach", "a → c … d", "c → a"), titles);
        assertEquals(
                2,
                all(page, "rect").stream()
                        .filter(rect -> rect.getAttribute("fill").equals("url(#bad1)"))
                        .count());
        assertEquals(3, summary().path("reachability").path(0).path("failed").asInt());
    }

    @Test
    void theTimeLineHasACurveForEachStepAndALineForEachMark() throws IOException {
        RunReport report = new RunReport("time");
        report.event(Duration.ofSeconds(4), Event.Kind.JOINED, "b");
        report.event(Duration.ofSeconds(2), Event.Kind.JOINED, "a");
        report.event(Duration.ofSeconds(1), Event.Kind.STARTED, "a");
        report.event(Duration.ofSeconds(3), Event.Kind.KILLED, "m1");

        Document page = page(report);

        assertEquals(2, withClass(page, "path", "line"));
        assertEquals(1, withClass(page, "line", "mark"));
        JsonNode joined = summary().path("steps").path(1);
        assertEquals("joined", joined.path("kind").asString(""));
        assertEquals(2, joined.path("firstSeconds").asDouble());
        assertEquals(4, joined.path("lastSeconds").asDouble());
        assertEquals("m1", summary().path("marks").path(0).path("node").asString(""));
    }

    @Test
    void thePageNeedsNothingElse() throws IOException {
        Document page = page(Samples.large());

        for (Element element : all(page, "*")) {
            assertFalse(element.hasAttribute("href") || element.hasAttribute("src"), element.getTagName());
        }
        assertFalse(Style.CSS.contains("url("));
        assertEquals(8 + 1 + 1, all(page, "svg").size());
    }

    @Test
    void whatCannotBeIsRefused() {
        RunReport report = new RunReport("refused");
        Series series = report.series("s");
        assertThrows(IllegalArgumentException.class, () -> series.record(Duration.ofNanos(-1)));
        assertThrows(IllegalArgumentException.class, () -> series.record(Series.LONGEST.plusNanos(1)));
        assertThrows(IllegalArgumentException.class, () -> Reach.of(List.of("a", "a")));
        assertThrows(
                IllegalArgumentException.class, () -> Reach.of(List.of("a")).failed("a", "b"));
        assertThrows(
                IllegalArgumentException.class, () -> Reach.of(List.of("a")).failed("a", "a"));
    }
}
