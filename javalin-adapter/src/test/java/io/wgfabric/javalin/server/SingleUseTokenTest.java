package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * TS-2025-007, a one-off key used twice: 200 joins at once on one single-use token, through three managers whose leader
 * is killed in the middle, each time at another point. {@code -Dfabric.joins.rounds} says how often.
 */
@Timeout(1_800)
class SingleUseTokenTest {
    private static final int ROUNDS = Integer.getInteger("fabric.joins.rounds", 1);
    private static final int JOINS = 200;
    private static final int MANAGERS = 3;

    /** How many of the 200 beginnings and 200 endings of joins there are when the leader dies, round by round. */
    private static final int[] KILL_AT = {210, 100, 150, 190, 201, 202, 205, 225, 250, 300};

    /** Altered tokens, which are refused before they become commands: the audit chain has their number. */
    private static final int FORGED = 20;

    private static final Pattern COUNTED = Pattern.compile("refused (\\d+) times: token-malformed");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private final ManagerProcesses managers = new ManagerProcesses();

    @AfterEach
    void stop() {
        managers.close();
    }

    @Test
    void oneOf200JoinsWinsWhileTheLeaderDies() throws Exception {
        managers.start(root, MANAGERS);
        for (int round = 0; round < ROUNDS; round++) {
            ManagerProcess leader = managers.leader();
            race("round " + (round + 1) + " of " + ROUNDS, leader, KILL_AT[round % KILL_AT.length]);
            if (round + 1 < ROUNDS) {
                leader.run();
            }
        }
    }

    private void race(String round, ManagerProcess leader, int killAt) throws Exception {
        JsonNode token = managers.token("peer");
        int nodesBefore = managers.nodes();
        long auditedBefore = managers.audited();
        forge(leader, token.path("token").asString(""));
        AtomicInteger killed = new AtomicInteger();
        JoinRace race = new JoinRace(clients(), killAt, () -> {
            leader.kill();
            killed.incrementAndGet();
        });

        long began = System.nanoTime();
        List<JoinRace.Finish> finishes = race.run(token.path("token").asString(""), JOINS);
        long millis = (System.nanoTime() - began) / 1_000_000;

        assertEquals(1, killed.get(), round);
        List<String> winners = finishes.stream()
                .filter(JoinRace.Finish::admitted)
                .map(JoinRace.Finish::ending)
                .toList();
        assertEquals(1, winners.size(), round + ": " + winners);
        assertEquals(
                JOINS - 1,
                finishes.stream()
                        .filter(f -> f.ending().equals("token-used-up"))
                        .count(),
                round);
        assertEquals(nodesBefore + 1, managers.nodes(), round);
        JsonNode row = managers.ask("GET", "/v1/tokens/" + token.path("id").asString(""), null);
        assertEquals(1, row.path("used").asInt(), round);
        assertEquals(
                winners, row.path("nodes").valueStream().map(JsonNode::asString).toList(), round);
        assertAuditNamesAll(round, auditedBefore, token.path("id").asString(""), finishes);
        await(round).atMost(PATIENCE).until(() -> counted(auditedBefore) == FORGED);
        System.out.printf(
                "%s: %s was killed at %d of %d; admitted %s, refused %d; %d were not told at first, and settled; %d ms%n",
                round,
                leader.name(),
                killAt,
                2 * JOINS,
                winners.get(0),
                JOINS - 1,
                finishes.stream().filter(f -> f.unknown() > 0).count(),
                millis);
    }

    private List<ControlClient> clients() throws IOException {
        FabricTrust trust = managers.trust();
        List<ControlClient> clients = new ArrayList<>();
        for (ManagerProcess manager : managers.all()) {
            clients.add(new ControlClient(Tls.context(trust), List.of(manager.api()), null));
        }
        return clients;
    }

    /** One entry for each of them, whichever managers it went through and however often it asked. */
    private void assertAuditNamesAll(String round, long after, String token, List<JoinRace.Finish> finishes) {
        Map<String, String> audited = new HashMap<>();
        for (JsonNode entry : managers.audit(after)) {
            if (entry.path("actor").path("id").asString("").equals(token)) {
                String outcome = entry.path("outcome").asString("");
                String ending =
                        outcome.equals("accepted") ? entry.path("subject").asString("") : outcome;
                assertNull(
                        audited.put(entry.path("request").asString(""), ending), round + ": decided twice: " + entry);
            }
        }
        Map<String, String> expected = new HashMap<>();
        finishes.forEach(finish -> expected.put(finish.audited(), finish.ending()));
        assertEquals(expected, audited, round);
    }

    /** At a manager that does not die: what it has counted and not yet recorded dies with a manager. */
    private void forge(ManagerProcess dying, String token) throws IOException {
        ManagerProcess survivor = managers.all().stream()
                .filter(each -> each != dying)
                .findFirst()
                .orElseThrow();
        ControlClient client = new ControlClient(Tls.context(managers.trust()), List.of(survivor.api()), null);
        String forged = token.substring(0, token.length() - 20) + "A".repeat(20);
        for (int i = 0; i < FORGED; i++) {
            JoinRequest request = JoinRace.request(forged, Keys.generateP256());
            ControlException refused = assertThrows(
                    ControlException.class, () -> client.call("POST", "/v1/join", request, JoinAnswer.class));
            assertEquals("token-malformed", refused.slug());
        }
    }

    /** How many of them the chain counts, in far fewer entries. */
    private long counted(long after) {
        long sum = 0;
        for (JsonNode entry : managers.audit(after)) {
            Matcher count = COUNTED.matcher(entry.path("detail").asString(""));
            sum += count.find() ? Long.parseLong(count.group(1)) : 0;
        }
        return sum;
    }
}
