package io.wgfabric.javalin.rest;

import static io.wgfabric.javalin.rest.Who.ADMIN;
import static io.wgfabric.javalin.rest.Who.ANYONE;
import static io.wgfabric.javalin.rest.Who.LOOPBACK;
import static io.wgfabric.javalin.rest.Who.OPERATOR;
import static io.wgfabric.javalin.rest.Who.VIEWER;

import io.wgfabric.core.codec.Json;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The description of the REST interface by OpenAPI 3.1.1, made from the table of {@link Routes} and nothing else. */
final class OpenApi {
    static final String PATH = "/openapi.json";

    /** Who is admitted, by the names of {@link Who} in lower case: more than a security scheme can say. */
    static final String ADMITS = "x-fabric-admits";

    private static final Set<Who> OPERATORS = EnumSet.of(VIEWER, OPERATOR, ADMIN);
    private static final Set<Who> NOBODY = EnumSet.of(ANYONE, LOOPBACK);
    private static final Pattern PARAMETER = Pattern.compile("\\{([a-z]+)}");
    private static final String NODE = "node";
    private static final String OPERATOR_SCHEME = "operator";

    private final Schemas schemas = new Schemas();

    private OpenApi() {}

    static ObjectNode document(List<Route> routes, String version) {
        return new OpenApi().of(routes, version);
    }

    private ObjectNode of(List<Route> routes, String version) {
        ObjectNode document = Json.mapper().createObjectNode().put("openapi", "3.1.1");
        document.putObject("info")
                .put("title", "WireGuard Fabric")
                .put("version", version)
                .put("summary", "The REST interface of every manager. Any manager answers any request.");
        ObjectNode paths = document.putObject("paths");
        // What is read is described first: its records refuse unknown fields wherever else they stand.
        for (Route route : routes) {
            if (route.input().body() != null) {
                schemas.of(route.input().body(), true);
            }
        }
        for (Route route : routes) {
            paths.withObjectProperty(route.path())
                    .set(route.method().name().toLowerCase(Locale.ROOT), operation(route));
        }
        problem();
        ObjectNode components = document.putObject("components");
        ObjectNode byName = components.putObject("schemas");
        schemas.components().forEach(byName::set);
        ObjectNode schemes = components.putObject("securitySchemes");
        schemes.putObject(NODE)
                .put("type", "mutualTLS")
                .put("description", "A node's certificate of this cluster; its role and state decide further.");
        schemes.putObject(OPERATOR_SCHEME)
                .put("type", "http")
                .put("scheme", "bearer")
                .put("description", "An operator's credential; its access decides further.");
        return document;
    }

    /** The types of problems are fixed, so they are listed. */
    private void problem() {
        schemas.of(Problem.class, false);
        ObjectNode problem = schemas.components().get("Problem");
        if (problem == null) {
            throw new IllegalStateException("a problem has no schema");
        }
        ArrayNode types = problem.withObjectProperty("properties")
                .withObjectProperty("type")
                .putArray("enum");
        Problem.slugs().forEach(slug -> types.add(Problem.PREFIX + slug));
    }

    private ObjectNode operation(Route route) {
        ObjectNode operation = Json.mapper().createObjectNode().put("summary", route.summary());
        operation.put("operationId", operationId(route));
        security(operation, route.admitted());
        ArrayNode parameters = operation.putArray("parameters");
        for (String name : pathParameters(route.path())) {
            parameter(parameters, name, "path", String.class, "The " + name + " of what is meant.");
        }
        for (Route.Query query : route.input().queries()) {
            parameter(parameters, query.name(), "query", query.type(), query.description());
        }
        if (route.input().keyed()) {
            parameter(
                    parameters,
                    "Idempotency-Key",
                    "header",
                    String.class,
                    "Names this change: asked again under the same key it gets the first answer, and under the same key"
                            + " for another change it is refused.");
        }
        if (route.input().body() != null) {
            operation
                    .putObject("requestBody")
                    .put("required", true)
                    .putObject("content")
                    .putObject(Route.JSON)
                    .set("schema", schemas.of(route.input().body(), true));
        }
        responses(operation.putObject("responses"), route);
        return operation;
    }

    /** {@code getNodesId} for {@code GET /v1/nodes/{id}}. */
    private static String operationId(Route route) {
        StringBuilder id = new StringBuilder(route.method().name().toLowerCase(Locale.ROOT));
        for (String part : route.path().replaceFirst("^/v1", "").split("[^A-Za-z]+", -1)) {
            if (!part.isEmpty()) {
                id.append(part.substring(0, 1).toUpperCase(Locale.ROOT)).append(part.substring(1));
            }
        }
        return id.toString();
    }

    private static void security(ObjectNode operation, Set<Who> admitted) {
        ArrayNode admits = operation.putArray(ADMITS);
        admitted.forEach(who -> admits.add(who.name().toLowerCase(Locale.ROOT)));
        ArrayNode security = operation.putArray("security");
        if (!Collections.disjoint(admitted, NOBODY)) {
            security.addObject();
        }
        if (!Collections.disjoint(admitted, OPERATORS)) {
            security.addObject().putArray(OPERATOR_SCHEME);
        }
        EnumSet<Who> nodes = EnumSet.copyOf(admitted);
        nodes.removeAll(OPERATORS);
        nodes.removeAll(NOBODY);
        if (!nodes.isEmpty()) {
            security.addObject().putArray(NODE);
        }
    }

    private static List<String> pathParameters(String path) {
        Matcher matcher = PARAMETER.matcher(path);
        return matcher.results().map(found -> found.group(1)).toList();
    }

    private void parameter(ArrayNode parameters, String name, String in, Class<?> type, String description) {
        parameters
                .addObject()
                .put("name", name)
                .put("in", in)
                .put("required", in.equals("path"))
                .put("description", description)
                .set("schema", schemas.of(type, false));
    }

    private void responses(ObjectNode responses, Route route) {
        Route.Output output = route.output();
        ObjectNode done = responses
                .putObject(String.valueOf(output.status()))
                .put("description", output.status() == 204 ? "Done; there is nothing to say." : "Done.");
        if (output.mediaType() != null) {
            ObjectNode content = done.putObject("content").putObject(output.mediaType());
            if (output.row() != null) {
                content.set("schema", schemas.pageOf(output.row()));
            } else if (output.answer() != null) {
                content.set("schema", schemas.of(output.answer(), false));
            }
        }
        for (int status : problems(route)) {
            responses
                    .putObject(String.valueOf(status))
                    .put("description", meaning(status))
                    .putObject("content")
                    .putObject(Problem.MEDIA_TYPE)
                    .putObject("schema")
                    .put("$ref", "#/components/schemas/Problem");
        }
    }

    /** Which refusals a route can meet, from what it takes and whom it admits. */
    private static SortedSet<Integer> problems(Route route) {
        SortedSet<Integer> statuses = new TreeSet<>(route.output().refuses());
        boolean named = PARAMETER.matcher(route.path()).find();
        if (!route.admitted().contains(ANYONE)) {
            statuses.add(401);
            statuses.add(403);
        }
        if (named
                || route.input().keyed()
                || route.input().body() != null
                || !route.input().queries().isEmpty()) {
            statuses.add(400);
        }
        if (named) {
            statuses.add(404);
        }
        if (route.input().body() != null) {
            statuses.add(413);
        }
        if (route.input().keyed()) {
            statuses.add(409);
        }
        statuses.add(429);
        statuses.add(503);
        return statuses;
    }

    private static String meaning(int status) {
        return switch (status) {
            case 400 -> "The request is wrong: change it.";
            case 401 -> "No credential of this cluster was shown.";
            case 403 -> "This credential may not.";
            case 404 -> "There is no such thing.";
            case 409 -> "It clashes with what is there: look, then decide.";
            case 413 -> "The body is too large.";
            case 429 -> "Too many requests from this address: ask again after Retry-After.";
            case 503 -> "Not now: ask again after Retry-After, or ask another manager.";
            default -> "Refused.";
        };
    }
}
