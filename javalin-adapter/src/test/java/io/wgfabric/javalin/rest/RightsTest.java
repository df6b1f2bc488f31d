package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.api.Command.QuarantineNode;
import io.wgfabric.api.Command.RemoveNode;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.wire.Heartbeat;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may do what: one row for each route, one column for each kind of caller. */
class RightsTest {
    private static final Map<String, Object> BODIES = Map.of(
            "POST /v1/heartbeat", new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", "test", 0),
            "POST /v1/nodes/{id}/keys", Map.of("plane", "SPARE", "key", LoneManager.newKey()),
            "PUT /v1/nodes/{id}/reach", Map.of("endpoints", LoneManager.endpoints()),
            "POST /v1/nodes/{id}/quarantine", Map.of("reason", "test"),
            "POST /v1/tokens", Map.of("role", "peer"),
            "POST /v1/operators", Map.of());

    /** "yes" is any answer but 401 and 403; the columns are tried from left to right. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', useHeadersInDisplayName = true, textBlock = """
            ROUTE                          | NOBODY | OTHER PEER | REMOVED | VIEWER | QUARANTINED | ITSELF | MANAGER | ADMIN
            POST   /v1/join                | yes    | yes        | yes     | yes    | yes         | yes    | yes     | yes
            GET    /v1/netmap              | 401    | yes        | 403     | 403    | 403         | yes    | yes     | 403
            GET    /v1/watch               | 401    | yes        | 403     | 403    | 403         | yes    | yes     | 403
            POST   /v1/heartbeat           | 401    | yes        | 403     | 403    | 403         | yes    | yes     | 403
            GET    /v1/nodes               | 401    | 403        | 403     | yes    | 403         | 403    | yes     | yes
            GET    /v1/nodes/{id}          | 401    | 403        | 403     | yes    | 403         | yes    | yes     | yes
            POST   /v1/nodes/{id}/keys     | 401    | 403        | 403     | 403    | 403         | yes    | 403     | 403
            POST   /v1/nodes/{id}/certificate | 401 | 403        | 403     | 403    | 403         | yes    | 403     | 403
            PUT    /v1/nodes/{id}/reach    | 401    | 403        | 403     | 403    | 403         | yes    | 403     | 403
            POST   /v1/nodes/{id}/rotate   | 401    | 403        | 403     | 403    | 403         | yes    | yes     | yes
            POST   /v1/nodes/{id}/release  | 401    | 403        | 403     | 403    | 403         | 403    | yes     | yes
            POST   /v1/nodes/{id}/quarantine | 401  | 403        | 403     | 403    | 403         | 403    | yes     | yes
            DELETE /v1/nodes/{id}          | 401    | 403        | 403     | 403    | yes         | yes    | yes     | yes
            POST   /v1/tokens              | 401    | 403        | 403     | 403    | 403         | 403    | yes     | yes
            GET    /v1/tokens              | 401    | 403        | 403     | yes    | 403         | 403    | yes     | yes
            GET    /v1/tokens/{token}      | 401    | 403        | 403     | yes    | 403         | 403    | yes     | yes
            DELETE /v1/tokens/{token}      | 401    | 403        | 403     | 403    | 403         | 403    | yes     | yes
            GET    /v1/signing-keys        | 401    | 403        | 403     | yes    | 403         | 403    | yes     | yes
            POST   /v1/signing-keys/token/rotate | 401 | 403     | 403     | 403    | 403         | 403    | 403     | yes
            POST   /v1/signing-keys/config/retire | 401 | 403    | 403     | 403    | 403         | 403    | 403     | yes
            GET    /v1/operators           | 401    | 403        | 403     | yes    | 403         | 403    | yes     | yes
            POST   /v1/operators           | 401    | 403        | 403     | 403    | 403         | 403    | 403     | yes
            DELETE /v1/operators/nobody    | 401    | 403        | 403     | 403    | 403         | 403    | 403     | yes
            GET    /v1/status              | 401    | yes        | 403     | yes    | 403         | yes    | yes     | yes
            GET    /v1/backup              | 401    | 403        | 403     | 403    | 403         | 403    | yes     | yes
            GET    /v1/audit               | 401    | 403        | 403     | yes    | 403         | 403    | yes     | yes
            GET    /metrics                | yes    | yes        | yes     | yes    | yes         | yes    | yes     | yes
            GET    /healthz                | yes    | yes        | yes     | yes    | yes         | yes    | yes     | yes
            GET    /readyz                 | yes    | yes        | yes     | yes    | yes         | yes    | yes     | yes
            """)
    void routeAdmits(
            String route,
            String nobody,
            String otherPeer,
            String removed,
            String viewer,
            String quarantined,
            String itself,
            String manager,
            String admin)
            throws Exception {
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("nobody", nobody);
        expected.put("other peer", otherPeer);
        expected.put("removed", removed);
        expected.put("viewer", viewer);
        expected.put("quarantined", quarantined);
        expected.put("itself", itself);
        expected.put("manager", manager);
        expected.put("admin", admin);

        assertEquals(expected, answers(route));
    }

    private static Map<String, String> answers(String route) throws Exception {
        Map<String, String> found = new LinkedHashMap<>();
        try (LoneManager m = LoneManager.start();
                LoneManager viewed = LoneManager.start(Access.VIEWER)) {
            String token = m.token(Role.PEER, 1).token().id().text();
            LoneManager.Joined other = m.join("other");
            LoneManager.Joined removed = m.join("removed");
            m.submit(new RemoveNode(removed.id(), "test"));
            LoneManager.Joined quarantined = m.join("quarantined");
            m.submit(new QuarantineNode(quarantined.id(), "test"));
            LoneManager.Joined itself = m.join("itself");
            String path = route.replace("{token}", token);
            String ofItself = path.replace("{id}", itself.id().text());
            found.put("nobody", answer(m.nobody(), route, ofItself));
            found.put("other peer", answer(m.as(other), route, ofItself));
            found.put(
                    "removed",
                    answer(
                            m.as(removed),
                            route,
                            path.replace("{id}", removed.id().text())));
            String viewedNode = viewed.join("itself").id().text();
            String viewedToken = viewed.token(Role.PEER, 1).token().id().text();
            found.put(
                    "viewer",
                    answer(
                            viewed.operator(),
                            route,
                            route.replace("{id}", viewedNode).replace("{token}", viewedToken)));
            found.put(
                    "quarantined",
                    answer(
                            m.as(quarantined),
                            route,
                            path.replace("{id}", quarantined.id().text())));
            found.put("itself", answer(m.as(itself), route, ofItself));
            found.put("manager", answer(m.manager(), route, ofItself));
            found.put("admin", answer(m.operator(), route, ofItself));
        }
        return found;
    }

    private static String answer(Client client, String route, String request) throws Exception {
        String[] parts = request.split(" +", 2);
        int status;
        if (parts[1].equals(Routes.WATCH)) {
            status = watch(client);
        } else {
            Object body = BODIES.get(String.join(" ", route.split(" +", 2)));
            Reply reply = body == null ? client.ask(parts[0], parts[1]) : client.ask(parts[0], parts[1], body);
            status = reply.status();
        }
        return status == 401 || status == 403 ? String.valueOf(status) : "yes";
    }

    /** A stream has no end to wait for. */
    private static int watch(Client client) throws Exception {
        try {
            client.open(Routes.WATCH).close();
            return 200;
        } catch (IOException e) {
            return Integer.parseInt(String.valueOf(e.getMessage()).replace("status ", ""));
        }
    }
}
