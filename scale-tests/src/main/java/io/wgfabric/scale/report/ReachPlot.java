package io.wgfabric.scale.report;

/** Who reaches whom, as a grid: a row asks, a column answers, and what fails has another colour and a name. */
final class ReachPlot {
    private static final double LARGEST_CELL = 30;
    private static final double SMALLEST_CELL = 2;
    private static final double AREA = 660;
    private static final double CHARACTER = 6.4;
    private static final double LABEL_HEIGHT = 12;
    private static final int LONGEST_LABEL = 18;
    private static final double GAP_FROM = 4;

    private final Reach reach;
    private final String id;
    private final int size;
    private final double cell;
    private final double gap;
    private final double margin;

    private ReachPlot(Reach reach, String id) {
        this.reach = reach;
        this.id = id;
        size = reach.names().size();
        cell = Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, AREA / Math.max(1, size)));
        gap = cell >= GAP_FROM ? 1 : 0;
        int longest = reach.names().stream()
                .mapToInt(name -> shown(name).length())
                .max()
                .orElse(0);
        margin = longest * CHARACTER + 12;
    }

    /** @param id of this grid within its page */
    static String of(Reach reach, String id) {
        return new ReachPlot(reach, id).draw();
    }

    private static String shown(String name) {
        return name.length() <= LONGEST_LABEL ? name : name.substring(0, LONGEST_LABEL - 1) + "…";
    }

    private String draw() {
        double side = margin + size * cell + 8;
        Markup out = Frame.begin(side, side, reach.failures() + " of " + reach.pairs() + " pairs fail");
        out.open("defs");
        pattern(out, "good");
        pattern(out, "bad");
        pattern(out, "self");
        out.close();
        double all = size * cell;
        out.empty("rect", "x", margin, "y", margin, "width", all, "height", all, "fill", "url(#good" + id + ")");
        for (int i = 0; i < size; i++) {
            run(out, i, i, i + 1, "self");
        }
        failures(out);
        names(out);
        return out.close().toString();
    }

    private void pattern(Markup out, String kind) {
        out.open(
                "pattern",
                "id",
                kind + id,
                "patternUnits",
                "userSpaceOnUse",
                "x",
                margin,
                "y",
                margin,
                "width",
                String.valueOf(cell),
                "height",
                String.valueOf(cell));
        String side = String.valueOf(cell - gap);
        out.empty("rect", "class", "cell " + kind, "width", side, "height", side);
        if (kind.equals("bad") && cell >= LABEL_HEIGHT) {
            double near = cell * 0.3;
            double far = cell * 0.7 - gap;
            out.empty("path", "class", "cross", "d", line(near, near, far, far) + line(near, far, far, near));
        }
        out.close();
    }

    private static String line(double x1, double y1, double x2, double y2) {
        return "M" + Markup.coordinate(x1) + " " + Markup.coordinate(y1) + "L" + Markup.coordinate(x2) + " "
                + Markup.coordinate(y2);
    }

    /** Neighbours in a row are one rectangle, so that a node that is cut off is not a hundred. */
    private void failures(Markup out) {
        for (int row = 0; row < size; row++) {
            int from = reach.failed().get(row).nextSetBit(0);
            while (from >= 0) {
                int to = reach.failed().get(row).nextClearBit(from);
                out.open("g");
                String first = reach.names().get(row) + " → " + reach.names().get(from);
                out.leaf(
                        "title",
                        to - from == 1 ? first : first + " … " + reach.names().get(to - 1));
                run(out, row, from, to, "bad");
                out.close();
                from = reach.failed().get(row).nextSetBit(to);
            }
        }
    }

    private void run(Markup out, int row, int from, int to, String kind) {
        out.empty(
                "rect",
                "x",
                String.valueOf(margin + from * cell),
                "y",
                String.valueOf(margin + row * cell),
                "width",
                String.valueOf((to - from) * cell),
                "height",
                String.valueOf(cell),
                "fill",
                "url(#" + kind + id + ")");
    }

    /** As many as have room. */
    private void names(Markup out) {
        int every = (int) Math.ceil(LABEL_HEIGHT / cell);
        for (int i = 0; i < size; i += every) {
            double middle = margin + (i + 0.5) * cell + 4;
            String name = shown(reach.names().get(i));
            out.leaf("text", name, "class", "tick end", "x", margin - 6, "y", middle);
            String turn =
                    "translate(" + Markup.coordinate(middle) + " " + Markup.coordinate(margin - 6) + ") rotate(-90)";
            out.leaf("text", name, "class", "tick", "transform", turn);
        }
    }
}
