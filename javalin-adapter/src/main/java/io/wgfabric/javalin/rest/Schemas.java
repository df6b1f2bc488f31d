package io.wgfabric.javalin.rest;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Revision;
import io.wgfabric.core.codec.Json;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON Schemas (draft 2020-12) of the records that {@link Json} reads and writes: what is not nullable is required, and
 * a value that has a {@code parse} is text. What it does not know it refuses, so that no shape goes undocumented.
 */
final class Schemas {
    private static final String PLACE = "#/components/schemas/";

    private final SortedMap<String, ObjectNode> components = new TreeMap<>();
    private final Map<Class<?>, String> names = new HashMap<>();

    /** By name, for all records that were asked for and what they have. */
    SortedMap<String, ObjectNode> components() {
        return components;
    }

    /** @param closed whether unknown fields are refused, as in requests */
    ObjectNode of(Type type, boolean closed) {
        if (type instanceof ParameterizedType parameterized && parameterized.getRawType() instanceof Class<?> raw) {
            return ofGeneric(raw, parameterized.getActualTypeArguments(), closed);
        }
        if (type instanceof Class<?> plain) {
            return ofClass(plain, closed);
        }
        throw unknown(type);
    }

    /** A part of a list, as {@link Page} has it. */
    ObjectNode pageOf(Class<?> row) {
        String name = row.getSimpleName() + "Page";
        if (!components.containsKey(name)) {
            ObjectNode schema = record(Page.class, Map.of("T", row), false);
            components.put(name, schema);
        }
        return reference(name);
    }

    private ObjectNode ofGeneric(Class<?> raw, Type[] arguments, boolean closed) {
        ObjectNode schema = node();
        if (Collection.class.isAssignableFrom(raw)) {
            schema.put("type", "array");
            schema.set("items", of(arguments[0], closed));
            return schema;
        }
        if (Map.class.isAssignableFrom(raw)) {
            schema.put("type", "object");
            schema.set("additionalProperties", of(arguments[1], closed));
            return schema;
        }
        throw unknown(raw);
    }

    private ObjectNode ofClass(Class<?> type, boolean closed) {
        ObjectNode schema = node();
        if (type == String.class) {
            return schema.put("type", "string");
        }
        if (type == boolean.class || type == Boolean.class) {
            return schema.put("type", "boolean");
        }
        if (type == int.class || type == Integer.class) {
            return schema.put("type", "integer").put("format", "int32");
        }
        if (type == long.class || type == Long.class || type == Revision.class) {
            return schema.put("type", "integer").put("format", "int64");
        }
        if (type == BigInteger.class) {
            return schema.put("type", "integer");
        }
        if (type == Instant.class) {
            return schema.put("type", "string").put("format", "date-time");
        }
        if (type == Duration.class) {
            return schema.put("type", "string").put("format", "duration");
        }
        if (type == Bytes.class) {
            return schema.put("type", "string").put("contentEncoding", "base64");
        }
        if (type.isEnum()) {
            ArrayNode values = schema.put("type", "string").putArray("enum");
            Arrays.stream(type.getEnumConstants()).forEach(value -> values.add(value.toString()));
            return schema;
        }
        if (type == JsonNode.class) {
            return schema.put("type", "object");
        }
        if (isText(type)) {
            return schema.put("type", "string");
        }
        if (type.isRecord()) {
            return component(type, closed);
        }
        throw unknown(type);
    }

    /** What {@link Json} writes as the text that it parses. */
    private static boolean isText(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .anyMatch(method -> method.getName().equals("parse") && makesFromText(method, type));
    }

    private static boolean makesFromText(Method method, Class<?> type) {
        return Modifier.isStatic(method.getModifiers())
                && method.getReturnType() == type
                && Arrays.equals(method.getParameterTypes(), new Class<?>[] {String.class});
    }

    private ObjectNode component(Class<?> type, boolean closed) {
        String name = names.get(type);
        if (name == null) {
            name = type.getSimpleName();
            if (names.containsValue(name)) {
                throw new IllegalStateException("two records are named " + name + "; a document has one of each name");
            }
            names.put(type, name);
            components.put(name, record(type, Map.of(), closed));
        }
        return reference(name);
    }

    private ObjectNode record(Class<?> type, Map<String, Class<?>> variables, boolean closed) {
        ObjectNode schema = node().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        for (RecordComponent component : type.getRecordComponents()) {
            properties.set(component.getName(), of(bound(component.getGenericType(), variables), closed));
            if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                required.add(component.getName());
            }
        }
        if (closed) {
            schema.put("additionalProperties", false);
        }
        return schema;
    }

    /** With the one variable that our records have put in its place: {@code List<T>} of a page. */
    private static Type bound(Type type, Map<String, Class<?>> variables) {
        if (type instanceof ParameterizedType list && list.getActualTypeArguments().length == 1) {
            Class<?> row = variables.get(list.getActualTypeArguments()[0].getTypeName());
            if (row != null) {
                return new ListOf(row);
            }
        }
        return type;
    }

    /** {@code List<row>}, which reflection has no maker for. */
    private record ListOf(Class<?> row) implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return new Type[] {row};
        }

        @Override
        public Type getRawType() {
            return java.util.List.class;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return null;
        }
    }

    private static ObjectNode reference(String name) {
        return node().put("$ref", PLACE + name);
    }

    private static ObjectNode node() {
        return Json.mapper().createObjectNode();
    }

    private static IllegalStateException unknown(Type type) {
        return new IllegalStateException("no schema is known of " + type.getTypeName() + "; say in Schemas what it is");
    }
}
