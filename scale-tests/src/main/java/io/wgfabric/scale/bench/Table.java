package io.wgfabric.scale.bench;

import java.util.ArrayList;
import java.util.List;

/** A table in Markdown, its columns aligned for people. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headings) {
        rows.add(List.of(headings));
    }

    public void row(String... cells) {
        if (cells.length != rows.get(0).size()) {
            throw new IllegalArgumentException("a row has " + rows.get(0).size() + " cells, not " + cells.length);
        }
        rows.add(List.of(cells));
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int number = 0; number < rows.size(); number++) {
            List<String> row = rows.get(number);
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                text.append("| ").append(cell).append(" ".repeat(width(column) - cell.length() + 1));
            }
            text.append("|\n");
            if (number == 0) {
                for (int column = 0; column < row.size(); column++) {
                    text.append('|').append("-".repeat(width(column) + 2));
                }
                text.append("|\n");
            }
        }
        return text.toString();
    }
}
