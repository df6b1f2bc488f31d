package io.wgfabric.javalin.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What stands in a cell of a table. */
final class Cells {
    private static final String NONE = "-";

    private Cells() {}

    /** So many bytes in at most four characters, in powers of 1000. */
    static String bytes(long count) {
        String units = "KMGTPE";
        double left = count;
        int unit = -1;
        while (left >= 999.5 && unit < units.length() - 1) {
            left /= 1000;
            unit++;
        }
        if (unit < 0) {
            return String.valueOf(count);
        }
        return String.format(Locale.ROOT, left < 9.95 ? "%.1f" : "%.0f", left) + units.charAt(unit);
    }

    static String joined(JsonNode array) {
        List<String> items = new ArrayList<>();
        array.forEach(item -> items.add(item.asString()));
        return items.isEmpty() ? NONE : String.join(",", items);
    }

    /** A field as text; a dash if it is not there. */
    static String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isValueNode() && !value.isNull() && !value.asString().isEmpty() ? value.asString() : NONE;
    }
}
