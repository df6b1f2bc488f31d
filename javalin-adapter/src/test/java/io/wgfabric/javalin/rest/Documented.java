package io.wgfabric.javalin.rest;

import io.wgfabric.core.codec.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The document that a server gave, and whether an answer is what it says. */
final class Documented {
    private final JsonNode document;

    Documented(JsonNode document) {
        this.document = document;
    }

    static Documented of(LoneManager manager) throws Exception {
        Reply reply = manager.nobody().ask("GET", OpenApi.PATH);
        return new Documented(Json.mapper().readTree(reply.body()));
    }

    JsonNode document() {
        return document;
    }

    /** As {@code METHOD PATH}, in the order of the document. */
    List<String> routes() {
        List<String> routes = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                routes.add(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
            }
        }
        return routes;
    }

    JsonNode operation(String route) {
        String[] parts = route.split(" ", 2);
        return document.path("paths").path(parts[1]).path(parts[0].toLowerCase(Locale.ROOT));
    }

    /** Whether an operator of some access may use the route. */
    boolean isForOperators(String route) {
        return operation(route)
                .path(OpenApi.ADMITS)
                .valueStream()
                .anyMatch(who -> who.asString().matches("viewer|operator|admin"));
    }

    /** The names of the parameters in the query of a route. */
    List<String> query(String route) {
        return operation(route)
                .path("parameters")
                .valueStream()
                .filter(parameter -> parameter.path("in").asString("").equals("query"))
                .map(parameter -> parameter.path("name").asString(""))
                .toList();
    }

    /** What is wrong with an answer of a route, by the document; empty if nothing is. */
    List<String> faults(String route, Reply reply) {
        List<String> faults = new ArrayList<>();
        JsonNode response = operation(route).path("responses").path(String.valueOf(reply.status()));
        if (response.isMissingNode()) {
            faults.add("status " + reply.status() + " is not documented: " + reply.body());
            return faults;
        }
        String type = reply.type().replaceFirst(";.*", "");
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            if (!reply.body().isEmpty()) {
                faults.add("no body is documented, but there is one");
            }
            return faults;
        }
        if (!content.has(type)) {
            faults.add("content type '" + type + "' is not documented");
            return faults;
        }
        JsonNode schema = content.path(type).path("schema");
        if (!schema.isMissingNode()) {
            compare("body", schema, Json.mapper().readTree(reply.body()), faults);
        }
        return faults;
    }

    private void compare(String at, JsonNode named, JsonNode value, List<String> faults) {
        JsonNode schema =
                named.has("$ref") ? document.at(named.path("$ref").asString().substring(1)) : named;
        boolean fits = switch (schema.path("type").asString("")) {
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "boolean" -> value.isBoolean();
            case "array" -> value.isArray();
            case "object" -> value.isObject();
            default -> false;
        };
        if (!fits) {
            faults.add(at + " is " + value.getNodeType() + ", not " + schema);
            return;
        }
        if (schema.has("enum")
                && schema.path("enum")
                        .valueStream()
                        .noneMatch(allowed -> allowed.asString().equals(value.asString()))) {
            faults.add(at + " is " + value + ", none of " + schema.path("enum"));
        }
        value.valueStream()
                .filter(item -> value.isArray())
                .forEach(item -> compare(at + "[]", schema.path("items"), item, faults));
        if (value.isObject()) {
            fields(at, schema, value, faults);
        }
    }

    private void fields(String at, JsonNode schema, JsonNode value, List<String> faults) {
        schema.path("required")
                .valueStream()
                .map(JsonNode::asString)
                .filter(name -> !value.has(name))
                .forEach(name -> faults.add(at + "." + name + " is missing"));
        boolean open = !schema.has("properties")
                && !schema.path("additionalProperties").isObject();
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode known = schema.path("properties").path(field.getKey());
            if (!known.isMissingNode()) {
                compare(at + "." + field.getKey(), known, field.getValue(), faults);
            } else if (schema.path("additionalProperties").isObject()) {
                compare(at + "." + field.getKey(), schema.path("additionalProperties"), field.getValue(), faults);
            } else if (!open) {
                faults.add(at + "." + field.getKey() + " is not documented");
            }
        }
    }
}
