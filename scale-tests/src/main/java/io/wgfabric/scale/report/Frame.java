package io.wgfabric.scale.report;

/**
 * The area that a plot draws into, in pixels of its own picture.
 *
 * @param right the first pixel beyond it, as {@code bottom} is
 */
record Frame(double left, double top, double right, double bottom) {
    private static final double LABEL_GAP = 8;
    private static final double BASELINE = 4;

    /** A picture that has less room than this is scrolled. */
    private static final double READABLE = 640;

    double x(double part) {
        return left + part * (right - left);
    }

    double y(double part) {
        return bottom - part * (bottom - top);
    }

    /** Lines across with their values beside them. */
    void rows(Markup out, Axis axis) {
        for (double tick : axis.ticks()) {
            double y = y(axis.at(tick));
            out.empty("line", "class", tick == 0 ? "base" : "grid", "x1", left, "x2", right, "y1", y, "y2", y);
            out.leaf("text", axis.label(tick), "class", "tick end", "x", left - LABEL_GAP, "y", y + BASELINE);
        }
    }

    /** A value below the area. */
    void column(Markup out, double part, String label) {
        double x = x(part);
        out.empty("line", "class", "base", "x1", x, "x2", x, "y1", bottom, "y2", bottom + BASELINE);
        out.leaf("text", label, "class", "tick middle", "x", x, "y", bottom + 2 * LABEL_GAP + BASELINE);
    }

    static Markup begin(double width, double height, String name) {
        return new Markup()
                .open(
                        "svg",
                        "xmlns",
                        "http://www.w3.org/2000/svg",
                        "viewBox",
                        "0 0 " + Markup.coordinate(width) + " " + Markup.coordinate(height),
                        "style",
                        "max-width:" + Markup.coordinate(width) + "px;min-width:"
                                + Markup.coordinate(width > READABLE ? READABLE : 0) + "px",
                        "role",
                        "img",
                        "aria-label",
                        name);
    }
}
