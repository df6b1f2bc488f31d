package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Operator.Access;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.Tls;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Operators over the wire, at a running manager. */
class OperatorsTest {

    private static Map<String, Object> body(OperatorCredential credential, String name, Access access) {
        return Map.of("id", credential.id(), "name", name, "access", access.text(), "secretHash", credential.hash());
    }

    private static Client client(LoneManager manager, OperatorCredential credential) {
        return new Client(manager.port(), Tls.context(manager.trust()), credential.reveal());
    }

    @Test
    void credentialWorksFromItsCreationToItsRevocation() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            OperatorCredential credential = OperatorCredential.generate();
            Client second = client(manager, credential);
            assertEquals(401, second.ask("GET", "/v1/tokens").status());

            Reply created = manager.operator().ask("POST", "/v1/operators", body(credential, "second", Access.VIEWER));
            assertEquals(201, created.status(), created.body());
            assertEquals(200, second.ask("GET", "/v1/tokens").status());
            assertEquals(
                    403,
                    second.ask("POST", "/v1/tokens", Map.of("role", "peer")).status());

            assertEquals(
                    204,
                    manager.operator().ask("DELETE", "/v1/operators/second").status());
            assertEquals(401, second.ask("GET", "/v1/tokens").status());
        }
    }

    @Test
    void anotherSecretUnderTheSameIdIsNobody() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            String own = manager.operator.reveal();
            String other = OperatorCredential.generate().reveal();
            String forged = own.substring(0, own.lastIndexOf('.')) + other.substring(other.lastIndexOf('.'));

            Client forger = new Client(manager.port(), Tls.context(manager.trust()), forged);
            assertEquals(401, forger.ask("GET", "/v1/tokens").status());
        }
    }

    @Test
    void repeatUnderTheSameKeyIsTheSameOperator() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            OperatorCredential credential = OperatorCredential.generate();
            String key = UUID.randomUUID().toString();
            for (int i = 0; i < 2; i++) {
                Reply reply = manager.operator()
                        .ask("POST", "/v1/operators", body(credential, "second", Access.OPERATOR), key);
                assertEquals(201, reply.status(), reply.body());
            }
            assertEquals(2, manager.core.fabric().view().operators().size());
        }
    }

    @Test
    void listNamesNoHash() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            String list = manager.operator().ask("GET", "/v1/operators").body();

            assertTrue(list.contains(manager.operator.id().text()), list);
            assertFalse(list.toLowerCase(Locale.ROOT).contains("hash"), list);
        }
    }

    @Test
    void lastAdminIsToldWhatToDo() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            Reply reply = manager.operator().ask("DELETE", "/v1/operators/" + manager.operator.id());

            assertEquals(409, reply.status(), reply.body());
            assertTrue(reply.body().contains("last-admin"), reply.body());
        }
    }
}
