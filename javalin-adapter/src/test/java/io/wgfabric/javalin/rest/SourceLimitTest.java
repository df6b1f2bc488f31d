package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Keys;
import java.security.KeyPair;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SourceLimitTest {
    private final AtomicLong nanos = new AtomicLong();
    private final SourceLimit limit = new SourceLimit(nanos::get, SourceLimit.BURST);

    private void exhaust(String address) {
        for (int i = 0; i < SourceLimit.BURST; i++) {
            assertTrue(limit.take(address));
        }
        assertFalse(limit.take(address));
    }

    @Test
    void sourceThatAsksTooMuchWaitsAndOthersDoNot() {
        exhaust("192.0.2.1");

        assertTrue(limit.take("192.0.2.2"));
        nanos.addAndGet(1_000_000_000L);
        for (int i = 0; i < SourceLimit.PER_SECOND; i++) {
            assertTrue(limit.take("192.0.2.1"));
        }
        assertFalse(limit.take("192.0.2.1"));
    }

    @Test
    void addressesOfOneIpv6SubnetAreOneSource() {
        exhaust("2001:db8::1");

        assertFalse(limit.take("2001:db8::2"));
        assertTrue(limit.take("2001:db8:0:1::1"));
    }

    @Test
    void whoIsWelcomeGetsItsTokenBack() {
        exhaust("192.0.2.1");
        limit.giveBack("192.0.2.1");

        assertTrue(limit.take("192.0.2.1"));
        assertFalse(limit.take("192.0.2.1"));
    }

    @Test
    void tableIsBounded() {
        for (int i = 0; i < 20_000; i++) {
            limit.take("10." + i / 65_536 + "." + i / 256 % 256 + "." + i % 256);
        }
        assertEquals(10_000, limit.sources());
    }

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
