package io.wgfabric.scale.report;

import java.util.ArrayList;
import java.util.List;

/** How many nodes had taken each step when, with what was done to the fabric meanwhile. */
final class TimeLinePlot {
    private static final double WIDTH = 1080;
    private static final double LEFT = 56;
    private static final double RIGHT = 1060;
    private static final double AREA = 240;
    private static final double BELOW = 44;
    private static final double MARK_ROW = 16;
    private static final double FIRST_ROW = 14;
    private static final int MAX_MARK_ROWS = 6;
    private static final double CHARACTER = 6.4;
    private static final int ROWS = 5;
    private static final int COLUMNS = 10;

    /** A mark's label in one of the rows above the plot; row -1 has none. */
    private record Label(Event mark, double x, int row, boolean before) {}

    private final Snapshot run;
    private final Axis time;
    private final List<Label> labels;
    private final Frame frame;

    private TimeLinePlot(Snapshot run) {
        this.run = run;
        List<Event> events = run.events();
        time = Axis.to(events.isEmpty() ? 0 : events.get(events.size() - 1).seconds(), COLUMNS);
        labels = labels();
        int rows = labels.stream().mapToInt(label -> label.row() + 1).max().orElse(0);
        double top = FIRST_ROW + rows * MARK_ROW;
        frame = new Frame(LEFT, top, RIGHT, top + AREA);
    }

    static String of(Snapshot run) {
        return new TimeLinePlot(run).draw();
    }

    /** Each in the first row in which it does not cover the one before it. */
    private List<Label> labels() {
        double[] ends = new double[MAX_MARK_ROWS];
        List<Label> placed = new ArrayList<>();
        for (Event mark : run.marks()) {
            double x = LEFT + time.at(mark.seconds()) * (RIGHT - LEFT);
            double width = text(mark).length() * CHARACTER;
            boolean before = x + width > RIGHT;
            double begin = before ? x - width : x;
            int row = 0;
            while (row < MAX_MARK_ROWS && ends[row] > begin) {
                row++;
            }
            boolean room = row < MAX_MARK_ROWS;
            if (room) {
                ends[row] = begin + width + CHARACTER;
            }
            placed.add(new Label(mark, x, room ? row : -1, before));
        }
        return placed;
    }

    private static String text(Event mark) {
        return mark.node() + " " + mark.kind().text();
    }

    private String draw() {
        int most = 0;
        List<Event.Kind> kinds = kinds(run);
        for (Event.Kind kind : kinds) {
            most = Math.max(most, run.steps(kind).size());
        }
        Axis count = Axis.to(most, ROWS);
        Markup out = Frame.begin(WIDTH, frame.bottom() + BELOW, "nodes over time");
        frame.rows(out, count);
        time.ticks().forEach(tick -> frame.column(out, time.at(tick), time.label(tick)));
        out.leaf("text", "seconds", "class", "tick middle", "x", frame.x(0.5), "y", frame.bottom() + BELOW - 6);
        for (Label label : labels) {
            mark(out, label);
        }
        for (int i = 0; i < kinds.size(); i++) {
            out.empty("path", "class", "line c" + i, "d", steps(run.steps(kinds.get(i)), count));
        }
        return out.close().toString();
    }

    /** The steps that some node took, in the order of their curves' colours. */
    static List<Event.Kind> kinds(Snapshot run) {
        List<Event.Kind> kinds = new ArrayList<>();
        for (Event.Kind kind : Event.Kind.values()) {
            if (kind.isStep() && !run.steps(kind).isEmpty()) {
                kinds.add(kind);
            }
        }
        return kinds;
    }

    /** Goes up by one with each event; those within half a pixel are drawn as one. */
    private String steps(List<Event> events, Axis count) {
        StringBuilder line =
                new StringBuilder("M" + Markup.coordinate(frame.left()) + " " + Markup.coordinate(frame.bottom()));
        for (int i = 0; i < events.size(); i++) {
            double x = frame.x(time.at(events.get(i).seconds()));
            boolean last = i == events.size() - 1;
            if (!last && frame.x(time.at(events.get(i + 1).seconds())) - x < 0.5) {
                continue;
            }
            line.append("H").append(Markup.coordinate(x));
            line.append("V").append(Markup.coordinate(frame.y(count.at(i + 1.0))));
        }
        return line.append("H").append(Markup.coordinate(frame.right())).toString();
    }

    private void mark(Markup out, Label label) {
        double x = label.x();
        double top = label.row() < 0 ? frame.top() : FIRST_ROW + label.row() * MARK_ROW;
        out.open("g");
        out.leaf(
                "title",
                text(label.mark()) + " at " + Figures.number(label.mark().seconds()) + " s");
        String kind = label.mark().kind() == Event.Kind.KILLED ? "mark bad" : "mark";
        out.empty("line", "class", kind, "x1", x, "x2", x, "y1", top - 10, "y2", frame.bottom());
        if (label.row() >= 0) {
            out.leaf(
                    "text",
                    text(label.mark()),
                    "class",
                    label.before() ? "label end" : "label",
                    "x",
                    label.before() ? x - 4 : x + 4,
                    "y",
                    top);
        }
        out.close();
    }
}
