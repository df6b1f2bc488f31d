package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The document by the schemas that the OpenAPI Initiative and JSON Schema publish, as Vert.x carries them, and by the
 * rules of the specification that no schema can say.
 */
class OpenApiSchemaTest {
    private static final String OPEN_API = "https://spec.openapis.org/oas/3.1/schema/2022-10-07";
    private static final String JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema";
    private static final List<String> VOCABULARIES =
            List.of("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content");
    private static final Pattern PARAMETER = Pattern.compile("\\{([^}]+)}");

    private static final SchemaRepository SCHEMAS = SchemaRepository.create(new JsonSchemaOptions()
            .setBaseUri("https://example.org")
            .setDraft(Draft.DRAFT202012)
            .setOutputFormat(OutputFormat.Basic));

    @SuppressWarnings("NullAway.Init")
    private static Documented documented;

    @BeforeAll
    static void read() throws Exception {
        for (String vocabulary : VOCABULARIES) {
            SCHEMAS.dereference(schema("https://json-schema.org/draft/2020-12/meta/" + vocabulary));
        }
        SCHEMAS.dereference(schema(JSON_SCHEMA));
        SCHEMAS.dereference(schema(OPEN_API));
        try (LoneManager manager = LoneManager.start()) {
            documented = Documented.of(manager);
        }
    }

    /** As it lies in the library, by its address. */
    private static JsonSchema schema(String uri) throws IOException {
        String resource = uri.substring("https://".length());
        try (InputStream in = OpenApiSchemaTest.class.getClassLoader().getResourceAsStream(resource)) {
            return JsonSchema.of(new JsonObject(
                    new String(Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8)));
        }
    }

    private static List<String> faults(String schema, JsonNode value) {
        OutputUnit found = SCHEMAS.validator(schema).validate(new JsonObject(value.toString()));
        List<String> faults = new ArrayList<>();
        if (!Boolean.TRUE.equals(found.getValid())) {
            found.getErrors().forEach(error -> faults.add(error.getInstanceLocation() + ": " + error.getError()));
        }
        return faults;
    }

    @Test
    void documentIsOpenApi31() throws Exception {
        assertEquals(List.of(), faults(OPEN_API, documented.document()));
    }

    @Test
    void everySchemaIsJsonSchema() throws Exception {
        for (Map.Entry<String, JsonNode> schema :
                documented.document().at("/components/schemas").properties()) {
            assertEquals(List.of(), faults(JSON_SCHEMA, schema.getValue()), schema.getKey());
        }
    }

    @Test
    void theSchemasFindFaults() throws Exception {
        JsonNode wrong = Json.mapper()
                .readTree("{\"openapi\": \"3.1.1\", \"info\": {\"title\": \"no version\"}, \"paths\": {}}");
        assertFalse(faults(OPEN_API, wrong).isEmpty());
        JsonNode unknownType = Json.mapper().readTree("{\"type\": \"text\"}");
        assertFalse(faults(JSON_SCHEMA, unknownType).isEmpty());
    }

    /** OpenAPI 3.1.1 section 4.8.8.2: each template expression has a path parameter of its name, and no other is there. */
    @Test
    void pathsAndTheirParametersAgree() {
        for (String route : documented.routes()) {
            TreeSet<String> templated = new TreeSet<>();
            PARAMETER.matcher(route).results().forEach(found -> templated.add(found.group(1)));
            TreeSet<String> declared = new TreeSet<>();
            for (JsonNode parameter : documented.operation(route).path("parameters")) {
                if (parameter.path("in").asString().equals("path")) {
                    declared.add(parameter.path("name").asString());
                }
            }
            assertEquals(templated, declared, route);
        }
    }
}
