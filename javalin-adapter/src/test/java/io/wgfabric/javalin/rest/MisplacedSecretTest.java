package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.javalin.server.Canaries;
import io.wgfabric.javalin.server.CapturedLog;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whoever pastes a credential into the wrong place of a request hears what is wrong, and nobody hears the credential. */
class MisplacedSecretTest {
    /** What operators write for others to read. */
    private static final Set<String> FREE_TEXT =
            Set.of("POST /v1/nodes/{id}/quarantine reason", "POST /v1/operators name", "DELETE /v1/nodes/{id} ?reason");

    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\":\\[?\"([^\"]*)\"");

    private final String secret = OperatorCredential.generate().reveal();
    private final Canaries canaries = new Canaries();

    @Test
    void isNotRepeatedLoggedOrKept() throws Exception {
        canaries.plant("misplaced", secret.substring(secret.lastIndexOf('.') + 1));
        assertEquals(Set.of("misplaced"), canaries.in("x" + secret));
        try (LoneManager manager = LoneManager.start();
                CapturedLog log = CapturedLog.start()) {
            Callers.takeSealingKeys(manager);
            TreeSet<String> repeated = new TreeSet<>();
            int places = 0;
            Documented documented = Documented.of(manager);
            for (String route : documented.routes()) {
                for (Map.Entry<String, Reply> asked :
                        misplaced(manager, documented, route).entrySet()) {
                    places++;
                    if (!canaries.in(asked.getValue().body()).isEmpty()) {
                        repeated.add(asked.getKey() + ": " + asked.getValue().body());
                    }
                }
            }
            assertEquals(Set.of(), repeated, "if it is meant to be read by others, it is free text");
            assertTrue(places > 40, "all routes were asked, not " + places);
            manager.core.refusals().flush(manager.core.fabric(), "test");
            assertEquals(
                    Set.of(),
                    canaries.in(manager.operator().ask("GET", "/metrics").body()));
            byte[] state = Codec.encode(
                    manager.core.fabric().freshState().toCompletableFuture().join());
            assertEquals(Set.of(), canaries.in(state), "the audit chain is in it");
            assertEquals(Set.of(), canaries.in(log.text()));
        }
    }

    /** The answers of a route, by where the secret was. */
    private Map<String, Reply> misplaced(LoneManager manager, Documented documented, String route) throws Exception {
        Map<String, Reply> replies = new LinkedHashMap<>();
        if (route.contains("{")) {
            String path = route.substring(route.indexOf(' ') + 1).replaceAll("\\{\\w+}", secret);
            replies.put(route + " path", ask(manager, route, path, Requests.body(route, manager)));
        }
        for (String parameter : documented.query(route)) {
            String name = route + " ?" + parameter;
            if (!FREE_TEXT.contains(name)) {
                String path = path(manager, route) + "?" + parameter + "=" + secret;
                replies.put(name, ask(manager, route, path, Requests.body(route, manager)));
            }
        }
        String template = Requests.body(route, manager);
        if (template == null) {
            return replies;
        }
        replies.put(route + " body", ask(manager, route, path(manager, route), '"' + secret + '"'));
        for (int field = 0; field < FIELD.matcher(template).results().count(); field++) {
            String body = Objects.requireNonNull(Requests.body(route, manager));
            MatchResult found =
                    FIELD.matcher(body).results().skip(field).findFirst().orElseThrow();
            String name = route + " " + found.group(1);
            if (!FREE_TEXT.contains(name)) {
                String changed = body.substring(0, found.start(2)) + secret + body.substring(found.end(2));
                replies.put(name, ask(manager, route, path(manager, route), changed));
            }
        }
        return replies;
    }

    private static String path(LoneManager manager, String route) {
        return Requests.path(route, Callers.newNode(manager).text(), manager);
    }

    private static Reply ask(LoneManager manager, String route, String path, @Nullable String body) throws Exception {
        String method = route.substring(0, route.indexOf(' '));
        Client admin = manager.operator();
        return body == null ? admin.ask(method, path) : admin.ask(method, path, body);
    }
}
