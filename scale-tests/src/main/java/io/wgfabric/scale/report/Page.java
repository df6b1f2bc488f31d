package io.wgfabric.scale.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** The page for people: all in one file, without a script, and well-formed XML beside HTML. */
final class Page {
    private static final int MAX_MARKS = 100;
    private static final int MAX_FAILED_ROWS = 12;
    private static final int MAX_FAILED_NAMES = 10;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

    /** Pieces that are markup themselves, in order. */
    private final StringBuilder body = new StringBuilder();

    private final Snapshot run;

    private Page(Snapshot run) {
        this.run = run;
    }

    static String of(Snapshot run) {
        Page page = new Page(run);
        page.head();
        page.timeLine();
        page.latencies();
        page.reachability();
        page.facts();
        String title = new Markup().leaf("title", run.title()).toString();
        return "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
                + "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width\"/>\n" + title
                + "<style>\n" + Style.CSS + "</style>\n</head>\n<body>\n" + page.body + "</body>\n</html>\n";
    }

    private void add(Markup markup) {
        body.append(markup);
    }

    private void card(String content) {
        body.append("<div class=\"card\">\n").append(content).append("</div>\n");
    }

    private void head() {
        Markup out = new Markup();
        out.leaf("h1", run.title());
        out.leaf("p", run.started() + " · ran " + Figures.number(run.took().toNanos() / 1e9) + " s");
        out.open("div", "class", "tiles");
        for (Fact fact : run.headlines()) {
            out.open("div", "class", "tile").open("b").text(fact.text());
            if (!fact.unit().isEmpty()) {
                out.leaf("small", " " + fact.unit());
            }
            out.close().leaf("span", fact.name()).close();
        }
        add(out.close());
    }

    private void timeLine() {
        if (run.events().isEmpty()) {
            return;
        }
        add(new Markup().leaf("h2", "Time line"));
        Markup legend = new Markup().open("div", "class", "legend");
        List<Event.Kind> kinds = TimeLinePlot.kinds(run);
        for (int i = 0; i < kinds.size(); i++) {
            List<Event> steps = run.steps(kinds.get(i));
            String last = Figures.number(steps.get(steps.size() - 1).seconds());
            legend.open("span")
                    .leaf("i", "", "class", "c" + i)
                    .text(kinds.get(i).text() + ": " + Figures.number(steps.size()) + ", the last at " + last + " s")
                    .close();
        }
        card(legend.close() + TimeLinePlot.of(run));
        List<Event> marks = run.marks();
        if (!marks.isEmpty()) {
            Tables table = new Tables("at", "node", "what");
            marks.stream()
                    .limit(MAX_MARKS)
                    .forEach(mark -> table.row(
                            Figures.number(mark.seconds()) + " s",
                            mark.node(),
                            mark.kind().text()));
            card(table.close());
            more(marks.size() - MAX_MARKS);
        }
    }

    private void more(int count) {
        if (count > 0) {
            add(new Markup().leaf("p", "and " + Figures.number(count) + " more"));
        }
    }

    private void latencies() {
        if (run.series().isEmpty()) {
            return;
        }
        add(new Markup().leaf("h2", "Latencies"));
        body.append("<div class=\"plots\">\n");
        run.series().forEach((name, histogram) -> {
            Markup title = new Markup()
                    .leaf("h3", name)
                    .leaf("p", Figures.number((double) histogram.getTotalCount()) + " values");
            card(title + PercentilePlot.of(name, histogram));
        });
        body.append("</div>\n");
        Tables table = new Tables("latency", "count", "p50", "p90", "p99", "p99.9", "max");
        run.series().forEach((name, histogram) -> table.row(cells(name, histogram)));
        card(table.close());
    }

    private static String[] cells(String name, Histogram histogram) {
        List<String> cells = new ArrayList<>(List.of(name, Figures.number((double) histogram.getTotalCount())));
        for (double percentile : PERCENTILES) {
            cells.add(
                    histogram.getTotalCount() == 0
                            ? "–"
                            : Figures.time((double) histogram.getValueAtPercentile(percentile)));
        }
        return cells.toArray(String[]::new);
    }

    private void reachability() {
        int number = 0;
        for (Map.Entry<String, Reach> each : run.reach().entrySet()) {
            Reach reach = each.getValue();
            add(new Markup().leaf("h2", "Who reaches whom " + each.getKey()));
            Markup text = new Markup();
            boolean all = reach.failures() == 0;
            text.open("p", "class", all ? "passed" : "failed")
                    .text((all ? "✓ " : "✗ ") + Figures.number(reach.pairs() - reach.failures()) + " of "
                            + Figures.number(reach.pairs()) + " directed pairs of "
                            + reach.names().size() + " nodes")
                    .close();
            text.open("div", "class", "legend");
            legend(text, "good", "answers");
            legend(text, "bad", "does not");
            legend(text, "self", "itself");
            text.open("span").text("a row asks, a column answers").close();
            text.close();
            number++;
            card(text + (reach.names().isEmpty() ? "" : ReachPlot.of(reach, String.valueOf(number))) + failures(reach));
        }
    }

    private static void legend(Markup out, String kind, String text) {
        out.open("span").leaf("i", "", "class", "box " + kind).text(text).close();
    }

    private static String failures(Reach reach) {
        Markup out = new Markup();
        List<Integer> rows = new ArrayList<>();
        for (int row = 0; row < reach.names().size(); row++) {
            if (!reach.failed().get(row).isEmpty()) {
                rows.add(row);
            }
        }
        for (int row : rows.subList(0, Math.min(MAX_FAILED_ROWS, rows.size()))) {
            List<String> names = reach.failed().get(row).stream()
                    .mapToObj(reach.names()::get)
                    .toList();
            String shown = String.join(", ", names.subList(0, Math.min(MAX_FAILED_NAMES, names.size())));
            int hidden = names.size() - MAX_FAILED_NAMES;
            String rest = hidden > 0 ? " and " + hidden + " more" : "";
            out.leaf("p", reach.names().get(row) + " does not reach " + shown + rest);
        }
        if (rows.size() > MAX_FAILED_ROWS) {
            out.leaf("p", "and " + (rows.size() - MAX_FAILED_ROWS) + " more nodes do not reach all");
        }
        return out.toString();
    }

    private void facts() {
        Map<String, List<Fact>> groups = new LinkedHashMap<>();
        run.facts()
                .forEach(fact -> groups.computeIfAbsent(fact.group(), name -> new ArrayList<>())
                        .add(fact));
        if (groups.isEmpty()) {
            return;
        }
        add(new Markup().leaf("h2", "Facts"));
        body.append("<div class=\"facts\">\n");
        groups.forEach((name, facts) -> {
            Tables table = new Tables();
            facts.forEach(fact -> table.row(fact.name(), (fact.text() + " " + fact.unit()).strip()));
            card(new Markup().leaf("h3", name) + table.close());
        });
        body.append("</div>\n");
    }
}
