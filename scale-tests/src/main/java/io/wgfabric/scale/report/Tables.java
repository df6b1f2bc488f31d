package io.wgfabric.scale.report;

/** A table of the page: the first column and every one that is headed as a text reads from the left, numbers end right. */
final class Tables {
    private final Markup out = new Markup().open("table");
    private final String[] headings;

    /** @param headings none for rows of a name and a figure */
    Tables(String... headings) {
        this.headings = headings.clone();
        if (headings.length > 0) {
            out.open("thead").open("tr");
            for (int i = 0; i < headings.length; i++) {
                cell("th", headings[i], i);
            }
            out.close().close();
        }
        out.open("tbody");
    }

    void row(String... cells) {
        out.open("tr");
        for (int i = 0; i < cells.length; i++) {
            cell("td", cells[i], i);
        }
        out.close();
    }

    private void cell(String tag, String text, int column) {
        boolean words = column == 0 || (headings.length > 0 && isWords(headings[column]));
        if (words) {
            out.leaf(tag, text);
        } else {
            out.leaf(tag, text, "class", "n");
        }
    }

    private static boolean isWords(String heading) {
        return heading.equals("node") || heading.equals("what");
    }

    String close() {
        return out.close().close().toString();
    }
}
