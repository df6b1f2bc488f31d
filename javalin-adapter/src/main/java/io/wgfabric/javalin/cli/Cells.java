package io.wgfabric.javalin.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What stands in a cell of a table. */
final class Cells {
    private static final String NONE = "-";

    private Cells() {}

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
