package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * TS-2025-007, a one-off key used twice: 200 joins at once on one single-use token, through three managers whose leader
 * is killed in the middle. {@code -Dfabric.joins.rounds} says how often.
 */
@Timeout(1_800)
class SingleUseTokenTest {
    private static final int ROUNDS = Integer.getInteger("fabric.joins.rounds", 1);
    private static final int JOINS = 200;
    private static final int MANAGERS = 3;

    /** Altered tokens, which are refused before they become commands: the audit chain has their number. */
    private static final int FORGED = 20;

    private static final Pattern REFUSED = Pattern.compile("refused (\\d+) times: token-malformed");

    /** How many answers are there when the leader dies. */
    private static final int KILL_AFTER = JOINS / 4;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private final List<ManagerProcess> managers = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(JOINS);

    @AfterEach
    void stop() {
        threads.shutdownNow();
        managers.forEach(ManagerProcess::close);
    }

    /** A node that wants to join, and under which request the audit chain knows it. */
    private record Racer(JoinRequest request, String audited) {
        static Racer with(String token) {
            KeyPair pair = Keys.generateP256();
            RequestId id = new RequestId(UUID.randomUUID().toString());
            JoinRequest request = new JoinRequest(
                    id,
                    token,
                    Role.PEER,
                    null,
                    new NodeKeys(newKey(), newKey()),
                    new NodeEndpoints(List.of(Address.parse("192.0.2.1")), 51820, 51821),
                    null,
                    Certificates.request(pair));
            // As the managers bind the asker's key to its request.
            Bytes bound = Bytes.sha256(
                    id.text().getBytes(StandardCharsets.UTF_8),
                    new byte[1],
                    pair.getPublic().getEncoded());
            return new Racer(request, "join:" + bound.hex());
        }

        private static PublicKey newKey() {
            byte[] bytes = new byte[PublicKey.BYTES];
            RANDOM.nextBytes(bytes);
            return PublicKey.of(bytes);
        }
    }

    @Test
    void oneOf200JoinsWinsWhileTheLeaderDies() throws Exception {
        for (int i = 1; i <= MANAGERS; i++) {
            managers.add(new ManagerProcess(root, "m" + i));
        }
        managers.get(0).init(Map.of());
        for (ManagerProcess next : managers.subList(1, MANAGERS)) {
            next.join(newToken("mgmt"), Map.of());
        }
        for (int round = 1; round <= ROUNDS; round++) {
            race("round " + round + " of " + ROUNDS);
        }
    }

    private ControlClient operator() throws IOException {
        return Access.operator(managers.get(0).data().resolve("operator.json"));
    }

    private JsonNode ask(String method, String path, @Nullable Object body) throws IOException {
        return TestPeer.patiently(operator(), method, path, body, JsonNode.class);
    }

    private String newToken(String role) throws IOException {
        return ask("POST", "/v1/tokens", Map.of("role", role, "uses", 1))
                .path("token")
                .asString("");
    }

    private void race(String round) throws Exception {
        ManagerProcess leader = leader();
        JsonNode created = ask("POST", "/v1/tokens", Map.of("role", "peer", "uses", 1));
        String token = created.path("token").asString("");
        String tokenId = created.path("id").asString("");
        int nodesBefore = nodes();
        List<Racer> racers = new ArrayList<>();
        for (int i = 0; i < JOINS; i++) {
            racers.add(Racer.with(token));
        }
        List<ControlClient> clients = clients();
        AtomicInteger answered = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        CountDownLatch middle = new CountDownLatch(KILL_AFTER);
        List<Future<String>> outcomes = new ArrayList<>();
        for (int i = 0; i < JOINS; i++) {
            Racer racer = racers.get(i);
            ControlClient client = clients.get(i % clients.size());
            outcomes.add(threads.submit(() -> {
                start.await();
                String outcome = join(client, racer);
                answered.incrementAndGet();
                middle.countDown();
                return outcome;
            }));
        }
        long refusedBefore = aggregated();
        start.countDown();
        forge(survivor(leader), token);
        assertTrue(middle.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), round);
        leader.kill();
        int answeredBefore = answered.get();
        assertTrue(answeredBefore < JOINS, round + ": the leader dies in the middle");

        Map<String, Integer> counts = new HashMap<>();
        String winner = "";
        for (int i = 0; i < JOINS; i++) {
            String outcome = outcomes.get(i).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (outcome.startsWith("n-")) {
                winner = outcome;
                counts.merge("admitted", 1, Integer::sum);
            } else {
                counts.merge(outcome, 1, Integer::sum);
            }
        }
        assertEquals(Map.of("admitted", 1, "token-used-up", JOINS - 1), counts, round);
        assertEquals(nodesBefore + 1, nodes(), round);
        JsonNode row = ask("GET", "/v1/tokens/" + tokenId, null);
        assertEquals(1, row.path("used").asInt(), round);
        assertEquals("[\"" + winner + "\"]", row.path("nodes").toString(), round);
        assertAuditNamesAll(round, tokenId, winner, racers);
        await(round).atMost(PATIENCE).until(() -> aggregated() == refusedBefore + FORGED);
        System.out.println(
                round + ": " + leader.name() + " was killed after " + answeredBefore + " answers; " + counts);
        leader.run();
    }

    /** The node's id, or the reason why it was refused; the same request goes on until there is one of the two. */
    private static String join(ControlClient client, Racer racer) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                JoinAnswer answer = client.call("POST", "/v1/join", racer.request(), JoinAnswer.class);
                return answer.node().id().text();
            } catch (ControlException e) {
                boolean again = !e.isRefusal() || e.status() == 429;
                if (!again || System.nanoTime() > deadline) {
                    return e.slug();
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }

    private ManagerProcess survivor(ManagerProcess leader) {
        return managers.stream().filter(each -> each != leader).findFirst().orElseThrow();
    }

    private void forge(ManagerProcess manager, String token) throws IOException {
        ControlClient client = new ControlClient(Tls.context(trust()), List.of(manager.api()), null);
        String forged = token.substring(0, token.length() - 20) + "A".repeat(20);
        for (int i = 0; i < FORGED; i++) {
            assertEquals("token-malformed", join(client, Racer.with(forged)));
        }
    }

    /** How many forged tokens the audit chain counts. */
    private long aggregated() throws IOException {
        long sum = 0;
        for (JsonNode entry : audit()) {
            Matcher counted = REFUSED.matcher(entry.path("detail").asString(""));
            sum += counted.find() ? Long.parseLong(counted.group(1)) : 0;
        }
        return sum;
    }

    private List<JsonNode> audit() throws IOException {
        List<JsonNode> entries = new ArrayList<>();
        long after = 0;
        while (true) {
            JsonNode page = ask("GET", "/v1/audit?limit=500&after=" + after, null);
            page.path("items").forEach(entries::add);
            if (page.path("items").isEmpty()) {
                return entries;
            }
            after = page.path("next").asLong();
        }
    }

    private FabricTrust trust() throws IOException {
        OperatorFile file = OperatorFile.read(managers.get(0).data().resolve("operator.json"));
        return new FabricTrust(
                Certificates.decode(file.authority()),
                file.cluster(),
                identity -> identity.role() == Role.MGMT,
                InstantSource.system());
    }

    /** Two for each manager, who prefer it as long as it answers. */
    private List<ControlClient> clients() throws IOException {
        FabricTrust trust = trust();
        List<String> apis =
                new ArrayList<>(managers.stream().map(ManagerProcess::api).toList());
        List<ControlClient> clients = new ArrayList<>();
        for (int i = 0; i < 2 * MANAGERS; i++) {
            Collections.rotate(apis, 1);
            clients.add(new ControlClient(Tls.context(trust), apis, null));
        }
        return clients;
    }

    private int nodes() throws IOException {
        return ask("GET", "/v1/status", null)
                .path("nodes")
                .path("total")
                .asInt();
    }

    private ManagerProcess leader() throws IOException {
        await().atMost(PATIENCE)
                .until(() -> ask("GET", "/v1/status", null)
                                .path("managers")
                                .valueStream()
                                .filter(m -> m.path("role").asString("").matches("leader|follower"))
                                .count()
                        == MANAGERS);
        String name =
                ask("GET", "/v1/status", null).path("leader").path("name").asString("");
        return managers.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
    }

    /** One entry for each of them, whichever managers it went through and however often it asked. */
    private void assertAuditNamesAll(String round, String token, String winner, List<Racer> racers) throws IOException {
        Map<String, String> audited = new HashMap<>();
        for (JsonNode entry : audit()) {
            if (entry.path("actor").path("id").asString("").equals(token)
                    && entry.path("action").asString("").equals("join-node")) {
                String outcome = entry.path("outcome").asString("");
                String before = audited.put(
                        entry.path("request").asString(""),
                        outcome.equals("accepted") ? entry.path("subject").asString("") : outcome);
                assertEquals(null, before, round + ": decided twice: " + entry);
            }
        }
        assertEquals(JOINS, audited.size(), round);
        int losers = 0;
        for (Racer racer : racers) {
            String outcome = Objects.requireNonNull(audited.get(racer.audited()), round + ": not in the audit chain");
            if (outcome.equals("token-used-up")) {
                losers++;
            } else {
                assertEquals(winner, outcome, round);
            }
        }
        assertEquals(JOINS - 1, losers, round);
    }
}
