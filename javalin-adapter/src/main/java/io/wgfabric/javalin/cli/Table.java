package io.wgfabric.javalin.cli;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as what is in them, three spaces between. */
final class Table {
    private static final String GAP = "   ";

    /** A last column that is broken into lines has at least this width. */
    private static final int LEAST_WIDTH = 20;

    private final List<List<Object>> rows = new ArrayList<>();
    private int limit = Integer.MAX_VALUE;

    Table(String... header) {
        rows.add(List.of((Object[]) header));
    }

    /** With more columns at the end. */
    static Table of(List<String> header) {
        return new Table(header.toArray(String[]::new));
    }

    void row(List<?> cells) {
        rows.add(List.copyOf(cells));
    }

    /** Breaks what is in the last column into lines, so that none is wider than this. */
    Table within(int columns) {
        limit = columns;
        return this;
    }

    /** @param cells shown as their text; a {@link Colour.Text} in its colour, where there are colours */
    void row(Object... cells) {
        rows.add(List.of(cells));
    }

    @Override
    public String toString() {
        return text(Colour.isOn());
    }

    String text(boolean colours) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<Object> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], String.valueOf(row.get(i)).length());
            }
        }
        int before = 0;
        for (int i = 0; i < columns - 1; i++) {
            before += widths[i] + GAP.length();
        }
        StringBuilder out = new StringBuilder();
        for (List<Object> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns - 1; i++) {
                Object cell = row.get(i);
                String text = String.valueOf(cell);
                line.append(
                                colours && cell instanceof Colour.Text shown
                                        ? shown.colour().paint(text)
                                        : text)
                        .append(" ".repeat(widths[i] - text.length()))
                        .append(GAP);
            }
            List<String> last = broken(String.valueOf(row.get(columns - 1)), Math.max(LEAST_WIDTH, limit - before));
            out.append((line + last.get(0)).stripTrailing()).append('\n');
            for (String more : last.subList(1, last.size())) {
                out.append(" ".repeat(before)).append(more).append('\n');
            }
        }
        return out.toString();
    }

    /** At spaces where there are some, else anywhere. */
    private static List<String> broken(String text, int width) {
        List<String> lines = new ArrayList<>();
        String rest = text;
        while (rest.length() > width) {
            int space = rest.lastIndexOf(' ', width);
            int end = space > 0 ? space : width;
            lines.add(rest.substring(0, end));
            rest = rest.substring(end).strip();
        }
        lines.add(rest);
        return lines;
    }
}
