package io.wgfabric.core.fuzz;

import io.wgfabric.core.codec.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Knows JSON: takes one value at any depth and drops, replaces, repeats, moves or buries it. */
final class JsonMutation implements Mutation {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Written as they are, even where they are no JSON. */
    private static final String[] RAW = {
        "null",
        "true",
        "0",
        "-1",
        "-0",
        "1.5",
        "1e999999999",
        "1e-999999999",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "2147483648",
        "9".repeat(400),
        "9".repeat(5_000),
        "0." + "3".repeat(900),
        "31556889864403199.999999999",
        "NaN",
        "{}",
        "[]",
        "[null]",
        "{\"\":null}",
        "\"\"",
        "\" \"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\u202e\u0661\"",
        "\"0\"",
        "\"PT9999999999999H\"",
        "\"+1000000000-12-31T23:59:59.999999999Z\"",
        "\"-1000000000-01-01T00:00:00Z\"",
        "\"::ffff:10.0.0.1\"",
        "\"0.0.0.0/0\"",
        "\"" + "A".repeat(5_000) + "\"",
        "\"" + "=".repeat(44) + "\"",
        "[".repeat(40) + "]".repeat(40),
        "[".repeat(3_000),
        "{\"a\":".repeat(40) + "1" + "}".repeat(40)
    };

    private record Place(JsonNode parent, String name, int index) {
        JsonNode get() {
            return parent instanceof ArrayNode array ? array.get(index) : parent.path(name);
        }

        void set(JsonNode value) {
            if (parent instanceof ArrayNode array) {
                array.set(index, value);
            } else if (parent instanceof ObjectNode object) {
                object.set(name, value);
            }
        }

        void remove() {
            if (parent instanceof ArrayNode array) {
                array.remove(index);
            } else if (parent instanceof ObjectNode object) {
                object.remove(name);
            }
        }
    }

    @Override
    public byte[] damage(Random random, byte[] sound, byte[] other) {
        JsonNode whole;
        try {
            whole = Json.mapper().readTree(sound);
        } catch (JacksonException e) {
            // What was damaged before may be no JSON any more.
            return new ByteMutation().damage(random, sound, other);
        }
        List<Place> places = new ArrayList<>();
        collect(whole, places);
        if (places.isEmpty() || random.nextInt(100) == 0) {
            return raw(random).getBytes(StandardCharsets.UTF_8);
        }
        Place place = places.get(random.nextInt(places.size()));
        switch (random.nextInt(8)) {
            case 0 -> place.remove();
            case 1 -> place.set(places.get(random.nextInt(places.size())).get().deepCopy());
            case 2 -> place.set(NODES.arrayNode().add(place.get().deepCopy()));
            case 3 -> repeat(random, place);
            case 4 -> place.set(text(random, place.get()));
            case 5 -> addUnknown(random, place);
            default -> place.set(NODES.rawValueNode(new RawValue(raw(random))));
        }
        byte[] damaged = Json.mapper().writeValueAsBytes(whole);
        return damaged.length <= MAX_BYTES ? damaged : sound;
    }

    private static String raw(Random random) {
        return RAW[random.nextInt(RAW.length)];
    }

    /** A text with one character changed, or another number near by. */
    private static JsonNode text(Random random, JsonNode value) {
        if (value.canConvertToLong()) {
            return NODES.numberNode(value.asLong() + random.nextInt(5) - 2);
        }
        StringBuilder text = new StringBuilder(value.asString(""));
        if (text.isEmpty()) {
            return NODES.stringNode("x");
        }
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
            case 0 -> text.setCharAt(at, (char) ('-' + random.nextInt(80)));
            case 1 -> text.deleteCharAt(at);
            default -> text.insert(at, text.substring(at));
        }
        return NODES.stringNode(text.toString());
    }

    /** An element many times over, beyond what any list may have. */
    private static void repeat(Random random, Place place) {
        if (place.parent() instanceof ArrayNode array) {
            JsonNode element = place.get();
            int times = random.nextInt(8) == 0 ? 300 : 1 + random.nextInt(20);
            for (int i = 0; i < times; i++) {
                array.add(element.deepCopy());
            }
        }
    }

    private static void addUnknown(Random random, Place place) {
        if (place.parent() instanceof ObjectNode object) {
            String[] names = {"admin", "role", "type", "@class", "__proto__", "", "access", "uses", "node"};
            object.set(names[random.nextInt(names.length)], place.get().deepCopy());
        }
    }

    private static void collect(JsonNode node, List<Place> into) {
        if (node instanceof ObjectNode object) {
            for (String name : List.copyOf(object.propertyNames())) {
                into.add(new Place(object, name, 0));
                collect(object.get(name), into);
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                into.add(new Place(array, "", i));
                collect(array.get(i), into);
            }
        }
    }
}
