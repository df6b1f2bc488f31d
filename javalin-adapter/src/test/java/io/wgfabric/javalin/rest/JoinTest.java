package io.wgfabric.javalin.rest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Command.RevokeToken;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Role;
import io.wgfabric.core.RefusalLedger;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JoinTest {
    private final LoneManager manager = LoneManager.start();

    @AfterEach
    void stop() {
        manager.close();
    }

    private Reply join(JoinRequest request) throws Exception {
        return manager.nobody().ask("POST", "/v1/join", request);
    }

    private static JoinRequest request(String token, Role role) {
        return LoneManager.request(token, role, null, Keys.generateP256());
    }

    @Test
    void admittedPeerGetsACertificateAndAConfigurationThatVerify() throws Exception {
        LoneManager.Joined peer = manager.join("peer-1");
        JoinAnswer answer = peer.answer();

        FabricTrust anyNode = new FabricTrust(
                () -> Authorities.of(answer.authorities()), answer.cluster(), id -> true, manager.clock);
        assertEquals(
                peer.id(),
                anyNode.verify(Certificates.decode(answer.certificate())).node());
        Netmap netmap = new NetmapVerifier(answer.cluster(), manager.core.keyring()::authorities, manager.clock)
                .verify(Objects.requireNonNull(answer.signed()), 1)
                .netmap();
        assertTrue(netmap.member(peer.id()).isPresent());
        assertNull(answer.sealingKey());
    }

    @Test
    void admittedManagerGetsTheSealingKeyAndTheOthersAddresses() throws Exception {
        JoinAnswer answer = manager.join("m2", Role.MGMT).answer();

        assertNotNull(answer.sealingKey());
        assertEquals(List.of("127.0.0.1:2"), answer.replication());
    }

    @Test
    void sameRequestAgainIsTheSameNodeAndTakesNoSecondUse() throws Exception {
        TokenDesk.Issued token = manager.token(Role.PEER, 5);
        JoinRequest request = request(token.text(), Role.PEER);

        JoinAnswer first = Json.mapper().readValue(join(request).body(), JoinAnswer.class);
        JoinAnswer second = Json.mapper().readValue(join(request).body(), JoinAnswer.class);

        assertEquals(first.node().id(), second.node().id());
        assertEquals(1, used(token));
    }

    @Test
    void oneUseAdmitsOneOfManyThatRace() throws Exception {
        TokenDesk.Issued token = manager.token(Role.PEER, 1);
        ExecutorService clients = Executors.newFixedThreadPool(8);
        List<Future<Reply>> replies = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            replies.add(clients.submit(() -> join(request(token.text(), Role.PEER))));
        }
        List<String> refusals = new ArrayList<>();
        for (Future<Reply> reply : replies) {
            if (reply.get().status() != 200) {
                refusals.add(reply.get().slug());
            }
        }
        clients.shutdownNow();

        assertEquals(15, refusals.size());
        assertTrue(refusals.stream().allMatch("token-used-up"::equals));
        assertEquals(1, used(token));
    }

    /** So that whoever has a token that admits nobody cannot push everything else out of the audit chain. */
    @Test
    void refusalsOfOneTokenBeyondThoseThatAreNamedAreCountedAndRepeatsStillAnswered() throws Exception {
        TokenDesk.Issued token = manager.token(Role.PEER, 1);
        KeyPair pair = Keys.generateP256();
        JoinRequest winner = LoneManager.request(token.text(), Role.PEER, null, pair);
        Reply admitted = join(winner);
        assertEquals(200, admitted.status());
        int beyond = 20;
        Client nobody = manager.nobody();
        for (int i = 0; i < RefusalLedger.NAMED_OF_TOKEN + beyond; i++) {
            JoinRequest loser = LoneManager.request(token.text(), Role.PEER, null, pair);
            assertEquals("token-used-up", nobody.ask("POST", "/v1/join", loser).slug());
        }

        assertEquals(
                RefusalLedger.NAMED_OF_TOKEN,
                audited("join-node", "token-used-up").size(),
                "named at once");
        manager.core.refusals().flush(manager.core.fabric(), "test");
        await().untilAsserted(() -> assertEquals(
                List.of("refused " + beyond + " times: token-used-up"),
                audited("record-refusal", "accepted").stream()
                        .map(AuditEntry::detail)
                        .filter(detail -> detail.endsWith("token-used-up"))
                        .toList()));
        Reply again = join(winner);
        assertEquals(200, again.status(), "a repeat is no use");
        assertEquals(admitted.json().path("node"), again.json().path("node"));
        assertEquals(
                200,
                join(request(manager.token(Role.PEER, 1).text(), Role.PEER)).status(),
                "nor is another's");
    }

    private List<AuditEntry> audited(String action, String outcome) {
        return manager.core.fabric().view().audit().stream()
                .filter(entry ->
                        entry.action().equals(action) && entry.outcome().equals(outcome))
                .toList();
    }

    private int used(TokenDesk.Issued token) {
        return manager.core
                .fabric()
                .view()
                .token(token.token().id())
                .orElseThrow()
                .used();
    }

    private void assertRefused(String slug, int status, JoinRequest request) throws Exception {
        FabricView before = manager.core.fabric().view();
        Reply reply = join(request);
        FabricView after = manager.core.fabric().view();

        assertEquals(slug, reply.slug());
        assertEquals(status, reply.status());
        assertEquals(before.nodes(), after.nodes());
        assertEquals(List.copyOf(before.tokens()), List.copyOf(after.tokens()));
    }

    @Test
    void nonsenseIsNoToken() throws Exception {
        assertRefused("token-malformed", 403, request("nonsense", Role.PEER));
    }

    @Test
    void alteredTokenIsRefused() throws Exception {
        String token = manager.token(Role.PEER, 1).text();
        int middle = token.lastIndexOf('.') + 10;
        char other = token.charAt(middle) == 'A' ? 'B' : 'A';
        String altered = token.substring(0, middle) + other + token.substring(middle + 1);

        assertRefused("token-malformed", 403, request(altered, Role.PEER));
    }

    @Test
    void tokenOfAnotherClusterIsRefused() throws Exception {
        try (LoneManager other = LoneManager.start()) {
            assertRefused(
                    "token-wrong-cluster",
                    403,
                    request(other.token(Role.PEER, 1).text(), Role.PEER));
        }
    }

    @Test
    void expiredTokenIsRefused() throws Exception {
        String token = manager.token(Role.PEER, 1).text();
        manager.clock.advance(Duration.ofHours(2));

        assertRefused("token-expired", 403, request(token, Role.PEER));
    }

    @Test
    void revokedTokenIsRefused() throws Exception {
        TokenDesk.Issued token = manager.token(Role.PEER, 1);
        manager.submit(new RevokeToken(token.token().id(), false));

        assertRefused("token-revoked", 403, request(token.text(), Role.PEER));
    }

    @Test
    void usedUpTokenIsRefused() throws Exception {
        TokenDesk.Issued token = manager.token(Role.PEER, 1);
        assertEquals(200, join(request(token.text(), Role.PEER)).status());

        assertRefused("token-used-up", 403, request(token.text(), Role.PEER));
    }

    @Test
    void tokenForPeersAdmitsNoManager() throws Exception {
        assertRefused(
                "token-wrong-role", 403, request(manager.token(Role.PEER, 1).text(), Role.MGMT));
    }

    @Test
    void takenNameIsRefused() throws Exception {
        manager.join("twin");
        KeyPair tls = Keys.generateP256();

        assertRefused(
                "name-taken",
                409,
                LoneManager.request(manager.token(Role.PEER, 1).text(), Role.PEER, "twin", tls));
    }

    @Test
    void unknownFieldIsRefusedByName() throws Exception {
        String whole = Json.mapper()
                .writeValueAsString(
                        LoneManager.request(manager.token(Role.PEER, 1).text(), Role.PEER, "new", Keys.generateP256()));

        Reply reply = manager.nobody().ask("POST", "/v1/join", "{\"surprise\":1," + whole.substring(1));

        assertEquals(400, reply.status());
        assertEquals("unknown field 'surprise'", reply.json().path("detail").asString());
    }

    @Test
    void wrongValueIsRefusedByFieldAndReason() throws Exception {
        Reply reply = manager.nobody().ask("POST", "/v1/join", "{\"keys\":{\"main\":\"short\"}}");

        assertEquals(400, reply.status());
        String detail = reply.json().path("detail").asString();
        assertTrue(detail.startsWith("field 'keys.main': a public key is written in 44"), detail);
    }

    @Test
    void missingFieldsAreRefused() throws Exception {
        assertEquals("invalid", manager.nobody().ask("POST", "/v1/join", "{}").slug());
        assertEquals("invalid", manager.nobody().ask("POST", "/v1/join", "").slug());
        assertEquals(
                "invalid", manager.nobody().ask("POST", "/v1/join", "not json").slug());
    }
}
