package io.wgfabric.scale.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * How long the slowest took: latency over percentile, where each nine has the same width, as HdrHistogram's plots have
 * it. The axis ends where the number of values does: what one value decides is the maximum.
 */
final class PercentilePlot {
    private static final double WIDTH = 520;
    private static final double HEIGHT = 250;
    private static final Frame FRAME = new Frame(56, 24, 504, 206);
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 99.999};
    private static final int ROWS = 5;
    private static final int POINTS_PER_HALF = 20;
    private static final double ALL = 100;
    private static final double LABEL_WIDTH = 84;
    private static final double LABEL_RISE = 9;

    private PercentilePlot() {}

    static String of(String name, Histogram histogram) {
        double slowest = (double) histogram.getMaxValue();
        Figures.TimeUnit unit = Figures.TimeUnit.of(slowest);
        Axis axis = Axis.to(slowest / unit.micros(), ROWS);
        double nines = Math.max(1, Math.log10(Math.max(1.0, (double) histogram.getTotalCount())));
        Markup out = Frame.begin(WIDTH, HEIGHT, "latency of " + name + " over percentiles");
        FRAME.rows(out, axis);
        out.leaf("text", unit.text(), "class", "tick end", "x", FRAME.left() - 8, "y", FRAME.top() - 10);
        FRAME.column(out, 0, "0");
        for (double percentile : PERCENTILES) {
            double at = nines(percentile);
            if (at < nines * 0.94) {
                FRAME.column(out, at / nines, text(percentile) + " %");
            }
        }
        FRAME.column(out, 1, "max");
        out.leaf("text", "percentile", "class", "tick middle", "x", FRAME.x(0.5), "y", HEIGHT - 6);
        if (histogram.getTotalCount() > 0) {
            curve(out, histogram, axis, unit, nines);
            points(out, histogram, axis, unit, nines);
        }
        return out.close().toString();
    }

    private static double nines(double percentile) {
        return -Math.log10(1 - percentile / ALL);
    }

    private static String text(double percentile) {
        return percentile == Math.rint(percentile)
                ? String.format(Locale.ROOT, "%.0f", percentile)
                : String.valueOf(percentile);
    }

    private static void curve(Markup out, Histogram histogram, Axis axis, Figures.TimeUnit unit, double nines) {
        StringBuilder line = new StringBuilder();
        double at = 0;
        for (HistogramIterationValue value : histogram.percentiles(POINTS_PER_HALF)) {
            double percentile = value.getPercentileLevelIteratedTo();
            at = percentile >= ALL ? nines : Math.min(nines, nines(percentile));
            line.append(line.isEmpty() ? "M" : "L")
                    .append(Markup.coordinate(FRAME.x(at / nines)))
                    .append(' ')
                    .append(Markup.coordinate(FRAME.y(axis.at((double) value.getValueIteratedTo() / unit.micros()))));
        }
        String right = Markup.coordinate(FRAME.x(at / nines));
        String bottom = Markup.coordinate(FRAME.bottom());
        String left = Markup.coordinate(FRAME.left());
        out.empty("path", "class", "wash", "d", line + "L" + right + " " + bottom + "L" + left + " " + bottom + "Z");
        out.empty("path", "class", "line c0", "d", line);
    }

    /** The maximum first: a value that has no room beside those before it is in the table. */
    private static void points(Markup out, Histogram histogram, Axis axis, Figures.TimeUnit unit, double nines) {
        List<Double> taken = new ArrayList<>();
        double[] shown = {ALL, 50, 99, 90, 99.9};
        for (double percentile : shown) {
            double part = percentile == ALL ? 1 : nines(percentile) / nines;
            double x = FRAME.x(part);
            if (part > 1 || taken.stream().anyMatch(other -> Math.abs(other - x) < LABEL_WIDTH)) {
                continue;
            }
            taken.add(x);
            double micros = (double) histogram.getValueAtPercentile(percentile);
            double y = FRAME.y(axis.at(micros / unit.micros()));
            out.empty("circle", "class", "dot", "cx", x, "cy", y, "r", 4.0);
            out.leaf(
                    "text",
                    Figures.time(micros),
                    "class",
                    "value end",
                    "x",
                    percentile == ALL ? x : x + LABEL_RISE,
                    "y",
                    y - LABEL_RISE);
        }
    }
}
