package io.wgfabric.javalin.cli;

import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * Writes JSON values as YAML in block style (YAML 1.2). JSON's own strings, numbers and empty collections are YAML too,
 * so only what surrounds them is different; a text that could be taken for something else is quoted.
 */
final class Yaml {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_./-]*");
    private static final Pattern RESERVED =
            Pattern.compile("true|false|null|yes|no|on|off|y|n", Pattern.CASE_INSENSITIVE);

    private Yaml() {}

    static String of(JsonNode value) {
        StringBuilder out = new StringBuilder();
        if (isBlock(value)) {
            block(value, 0, out);
        } else {
            out.append(scalar(value)).append('\n');
        }
        return out.toString();
    }

    private static boolean isBlock(JsonNode value) {
        return value.isContainer() && !value.isEmpty();
    }

    private static void block(JsonNode value, int depth, StringBuilder out) {
        if (value.isArray()) {
            for (JsonNode item : value) {
                indent(depth, out).append("- ");
                if (item.isObject() && !item.isEmpty()) {
                    // The first field stands behind the dash, the others below it.
                    StringBuilder inner = new StringBuilder();
                    block(item, depth + 1, inner);
                    out.append(inner.substring(2 * (depth + 1)));
                } else {
                    entry(item, depth, out);
                }
            }
            return;
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            indent(depth, out).append(text(field.getKey())).append(':');
            if (!isBlock(field.getValue())) {
                out.append(' ');
            }
            entry(field.getValue(), depth, out);
        }
    }

    private static void entry(JsonNode value, int depth, StringBuilder out) {
        if (isBlock(value)) {
            out.append('\n');
            block(value, depth + 1, out);
        } else {
            out.append(scalar(value)).append('\n');
        }
    }

    private static StringBuilder indent(int depth, StringBuilder out) {
        return out.append("  ".repeat(depth));
    }

    private static String scalar(JsonNode value) {
        return value.isString() ? text(value.asString()) : value.toString();
    }

    private static String text(String text) {
        boolean plain = PLAIN.matcher(text).matches() && !RESERVED.matcher(text).matches();
        return plain ? text : quoted(text);
    }

    private static String quoted(String text) {
        return StringNode.valueOf(text).toString();
    }
}
