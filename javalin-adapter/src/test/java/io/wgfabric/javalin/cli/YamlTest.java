package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.core.codec.Json;
import org.junit.jupiter.api.Test;

class YamlTest {
    private static String yaml(String json) {
        return Yaml.of(Json.mapper().readTree(json));
    }

    @Test
    void nestsByIndentation() {
        assertEquals("""
                a: 1
                b:
                  c: true
                  d:
                    - p
                    - q
                """, yaml("{\"a\":1,\"b\":{\"c\":true,\"d\":[\"p\",\"q\"]}}"));
    }

    @Test
    void putsTheFirstFieldOfAnItemBehindTheDash() {
        assertEquals("""
                - a: 1
                  b:
                    c: 2
                - a: 3
                """, yaml("[{\"a\":1,\"b\":{\"c\":2}},{\"a\":3}]"));
    }

    @Test
    void nestsLists() {
        assertEquals("""
                -
                  - 1
                  - 2
                - []
                """, yaml("[[1,2],[]]").replace("- \n", "-\n"));
    }

    @Test
    void quotesWhatCouldBeTakenForSomethingElse() {
        assertEquals("""
                a: "no"
                b: "1"
                c: "x: y"
                d: ""
                e: "100.64.0.1"
                f: null
                """, yaml("{\"a\":\"no\",\"b\":\"1\",\"c\":\"x: y\",\"d\":\"\",\"e\":\"100.64.0.1\",\"f\":null}"));
    }

    @Test
    void emptyCollectionsStayOnTheLine() {
        assertEquals("a: []\nb: {}\n", yaml("{\"a\":[],\"b\":{}}"));
        assertEquals("[]\n", yaml("[]"));
    }
}
