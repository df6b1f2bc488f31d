package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command.QuarantineNode;
import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.PublicKey;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.wire.PresharedKeyAnswer;
import io.wgfabric.core.wire.PresharedKeyRequest;
import io.wgfabric.core.wire.PresharedKeyRequest.Pair;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What nodes are told of pre-shared keys. */
class PresharedKeyRoutesTest {
    private static final PublicKey ONE = LoneManager.newKey();
    private static final PublicKey OTHER = LoneManager.newKey();

    private LoneManager manager;
    private LoneManager.Joined one;
    private LoneManager.Joined other;

    @BeforeEach
    void twoPeers() throws Exception {
        manager = LoneManager.start();
        one = manager.join("one");
        other = manager.join("other");
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    private Reply set(boolean on) throws Exception {
        return manager.operator().ask("PUT", "/v1/mesh/preshared-keys", Map.of("on", on));
    }

    private Reply ask(LoneManager.Joined node, List<Pair> pairs) throws Exception {
        // A list that is too long is none that the record takes.
        return manager.as(node).ask("POST", "/v1/nodes/" + node.id() + "/preshared-keys", Map.of("pairs", pairs));
    }

    private List<Bytes> keys(LoneManager.Joined node, Pair... pairs) throws Exception {
        Reply reply = ask(node, List.of(pairs));
        assertEquals(200, reply.status(), reply.body());
        PresharedKeyAnswer answer = Json.mapper().readValue(reply.body(), PresharedKeyAnswer.class);
        answer.keys().forEach(given -> {
            assertEquals(32, given.key().length());
            assertFalse(answer.toString().contains(given.key().hex()), "not in words");
        });
        return answer.keys().stream().map(PresharedKeyAnswer.Given::key).toList();
    }

    private Pair seenFromOther() {
        return new Pair(1, /* own= */ OTHER, one.id(), /* other= */ ONE);
    }

    private Pair seenFromOne(int generation, PublicKey own) {
        return new Pair(generation, own, other.id(), OTHER);
    }

    @Test
    void bothEndsGetTheSameAndNobodyElseDoes() throws Exception {
        assertEquals(200, set(true).status());
        List<Bytes> key = keys(one, seenFromOne(1, ONE));
        assertEquals(1, key.size());
        assertEquals(key, keys(other, seenFromOther()));
        assertNotEquals(key, keys(one, seenFromOne(1, LoneManager.newKey())));

        // Whatever keys a third one names as its own, it is of another pair.
        LoneManager.Joined third = manager.join("third");
        assertNotEquals(key, keys(third, seenFromOne(1, ONE)));
        assertNotEquals(key, keys(third, seenFromOther()));
        assertEquals(
                403,
                manager.as(third)
                        .ask(
                                "POST",
                                "/v1/nodes/" + one.id() + "/preshared-keys",
                                new PresharedKeyRequest(List.of(seenFromOne(1, ONE))))
                        .status());
    }

    @Test
    void whatIsNotThereIsLeftOut() throws Exception {
        assertEquals(List.of(), keys(one, seenFromOne(1, ONE)));
        assertEquals(200, set(true).status());
        Pair unknown = new Pair(1, ONE, NodeId.of(99), OTHER);
        Pair itself = new Pair(1, ONE, one.id(), OTHER);
        assertEquals(
                1,
                keys(one, seenFromOne(1, ONE), seenFromOne(2, ONE), seenFromOne(0, ONE), unknown, itself)
                        .size());
        manager.submit(new QuarantineNode(other.id(), "lost"));
        assertEquals(List.of(), keys(one, seenFromOne(1, ONE)));
        assertEquals(403, ask(other, List.of(seenFromOther())).status());
    }

    @Test
    void switchedOffAndOnThereIsAnotherSecret() throws Exception {
        assertEquals(200, set(true).status());
        List<Bytes> first = keys(one, seenFromOne(1, ONE));
        assertEquals(200, set(false).status());
        // No key carried it.
        assertEquals(List.of(), keys(one, seenFromOne(1, ONE)));
        assertEquals(200, set(true).status());
        List<Bytes> second = keys(one, seenFromOne(2, ONE));
        assertEquals(1, second.size());
        assertNotEquals(first, second);
    }

    @Test
    void tooManyAtOnceAreRefused() throws Exception {
        List<Pair> most = Collections.nCopies(Limits.PRESHARED_KEYS, seenFromOne(1, ONE));
        assertEquals(200, ask(one, most).status());
        assertEquals(
                400,
                ask(one, Collections.nCopies(Limits.PRESHARED_KEYS + 1, seenFromOne(1, ONE)))
                        .status());
    }

    @Test
    void theMeshSaysHowManyNodesHaveYetToGetKeysForIt() throws Exception {
        Reply on = set(true);
        assertEquals(true, on.json().path("presharedKeys").asBoolean());
        assertEquals(3, on.json().path("toBeRotated").asInt());
        manager.join("newcomer");
        assertEquals(
                3,
                manager.operator()
                        .ask("GET", "/v1/mesh")
                        .json()
                        .path("toBeRotated")
                        .asInt());
        // The newcomer has one that it is to have no more.
        assertEquals(1, set(false).json().path("toBeRotated").asInt());
    }
}
