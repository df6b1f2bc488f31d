package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Keys;
import java.security.KeyPair;
import org.junit.jupiter.api.Test;

/** Who has shown no credential may ask only so much. */
class RateLimitTest {

    @Test
    void manyRefusedRequestsAreToldWhenToComeBackAndCredentialsStillCount() throws Exception {
        try (LoneManager manager = LoneManager.start(5)) {
            Client nobody = manager.nobody();
            for (int i = 0; i < 5; i++) {
                assertEquals(401, nobody.ask("GET", "/v1/nodes").status());
            }
            Reply reply = nobody.ask("GET", "/v1/nodes");

            assertEquals("rate-limited", reply.slug(), reply.body());
            assertEquals(RestServer.RETRY_AFTER, reply.retryAfter());
            assertEquals(200, manager.operator().ask("GET", "/v1/nodes").status());
            assertTrue(manager.operator()
                    .ask("GET", "/metrics")
                    .body()
                    .contains("fabric_refusals_total{reason=\"rate-limited\"}"));
        }
    }

    @Test
    void crowdThatJoinsFromOneAddressIsNotHeldUp() throws Exception {
        try (LoneManager manager = LoneManager.start(3)) {
            String token = manager.token(Role.PEER, 0).text();
            Client nobody = manager.nobody();
            KeyPair pair = Keys.generateP256();
            for (int i = 0; i < 10; i++) {
                assertEquals(
                        200,
                        nobody.ask("POST", "/v1/join", LoneManager.request(token, Role.PEER, null, pair))
                                .status());
            }
        }
    }
}
