package io.wgfabric.javalin.rest;

import io.wgfabric.api.Command;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.ManagerKey;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.state.Levels;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient.Version;
import java.security.KeyPair;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** All kinds of callers that {@code rights.txt} has a column for, with real managers to ask. */
final class Callers implements AutoCloseable {
    /** In place of the answer where a stream was opened: it has no end to wait for. */
    static final Reply STREAM = new Reply(200, "", "", "", "", false, Version.HTTP_2);

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration LONG_AGO = Duration.ofDays(4_000);

    private final LoneManager admin = LoneManager.start();
    private final LoneManager operator = LoneManager.start(Access.OPERATOR);
    private final LoneManager viewer = LoneManager.start(Access.VIEWER);
    private final LoneManager stranger = LoneManager.start();
    private final Map<String, Client> fixed = new LinkedHashMap<>();
    private final LoneManager.Joined removed;

    /** @param status of the reply */
    record Asked(int status, Reply reply) {
        Asked(Reply reply) {
            this(reply.status(), reply);
        }
    }

    Callers() throws Exception {
        takeSealingKeys(admin);
        LoneManager.Joined other = admin.join("other");
        removed = admin.join("removed");
        admin.submit(new Command.RemoveNode(removed.id(), "test"));
        fixed.put("nobody", admin.nobody());
        fixed.put("removed", admin.as(removed));
        fixed.put("other", admin.as(other));
        fixed.put("viewer", viewer.operator());
        fixed.put("operator", operator.operator());
        fixed.put("admin", admin.operator());
        fixed.put("manager", admin.manager());
        fixed.put("expired", shows(admin, other.id()));
        fixed.put("foreign", shows(stranger, NodeId.of(RANDOM.nextLong())));
    }

    LoneManager admin() {
        return admin;
    }

    /** The answers that a route gives, by kind of caller; each asks about a node that nothing else was done to. */
    Map<String, Asked> ask(String route) throws Exception {
        Map<String, Asked> answers = new LinkedHashMap<>();
        for (Map.Entry<String, Client> caller : fixed.entrySet()) {
            LoneManager manager = managerOf(caller.getKey());
            NodeId target = caller.getKey().equals("removed") ? removed.id() : newNode(manager);
            answers.put(caller.getKey(), ask(caller.getValue(), route, target, manager));
        }
        LoneManager.Joined quarantined = admin.join(null, Role.PEER);
        admin.submit(new Command.QuarantineNode(quarantined.id(), "test"));
        answers.put("quarantined", ask(admin.as(quarantined), route, quarantined.id(), admin));
        LoneManager.Joined itself = admin.join(null, Role.PEER);
        answers.put("itself", ask(admin.as(itself), route, itself.id(), admin, itself.pair()));
        return answers;
    }

    /** So that there is a manager to give a new sealing key to. */
    static void takeSealingKeys(LoneManager manager) {
        ManagerServices services = new ManagerServices(
                "127.0.0.1:1",
                "127.0.0.1:2",
                Levels.NEWEST,
                ManagerKey.generate().publicKey());
        manager.submit(new Command.UpdateNode(manager.core.self(), LoneManager.endpoints(), services));
    }

    private LoneManager managerOf(String kind) {
        return switch (kind) {
            case "viewer" -> viewer;
            case "operator" -> operator;
            default -> admin;
        };
    }

    static NodeId newNode(LoneManager manager) {
        return newNode(manager, manager.token(Role.PEER, 1).token().id());
    }

    /** A node that waits for approval. */
    static NodeId newPending(LoneManager manager) {
        TokenId token = TokenId.of(RANDOM.nextLong());
        manager.submit(new Command.CreateToken(
                token, Role.PEER, null, Duration.ofHours(1), 1, Collections.emptySortedSet(), null, false, true, null));
        return newNode(manager, token);
    }

    private static NodeId newNode(LoneManager manager, TokenId token) {
        NodeId id = NodeId.of(RANDOM.nextLong());
        manager.submit(new Command.JoinNode(
                token,
                id,
                Role.PEER,
                new NodeName("n" + id.text()),
                LoneManager.newKeys(),
                LoneManager.endpoints(),
                null));
        return id;
    }

    private static Asked ask(Client client, String route, NodeId node, LoneManager manager) throws Exception {
        return ask(client, route, node, manager, Keys.generateP256());
    }

    /** @param identity the key of the asker's certificate */
    private static Asked ask(Client client, String route, NodeId node, LoneManager manager, KeyPair identity)
            throws Exception {
        String method = route.substring(0, route.indexOf(' '));
        String path = Requests.path(route, node.text(), manager);
        if (path.equals(Routes.WATCH)) {
            return watch(client);
        }
        Requests.prepare(route, node, manager);
        String body = Requests.body(route, manager, identity);
        return new Asked(body == null ? client.ask(method, path) : client.ask(method, path, body));
    }

    private static Asked watch(Client client) throws IOException, InterruptedException {
        Reply refused = client.refusedStream(Routes.WATCH);
        return new Asked(refused == null ? STREAM : refused);
    }

    /** Shows a certificate that this authority issued for too short, or that another one issued, asked for or not. */
    private Client shows(LoneManager issuer, NodeId node) throws Exception {
        KeyPair pair = Keys.generateP256();
        NodeIdentity identity = new NodeIdentity(issuer.core.keyring().cluster(), Role.PEER, node);
        Duration ago = issuer == admin ? LONG_AGO : Duration.ZERO;
        X509Certificate certificate = issuer.core
                .keyring()
                .authority()
                .issueNode(pair.getPublic(), identity, issuer.clock.instant().minus(ago));
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(
                new KeyManager[] {new Stubborn(pair.getPrivate(), certificate)},
                new TrustManager[] {admin.trust()},
                null);
        return new Client(admin.port(), tls, null);
    }

    @Override
    public void close() {
        admin.close();
        operator.close();
        viewer.close();
        stranger.close();
    }

    /** Shows its one certificate whatever the server accepts. */
    private static final class Stubborn extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate certificate;

        Stubborn(PrivateKey key, X509Certificate certificate) {
            this.key = key;
            this.certificate = certificate;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {"node"};
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return "node";
        }

        @Override
        public String chooseEngineClientAlias(String[] keyType, Principal @Nullable [] issuers, SSLEngine engine) {
            return "node";
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {certificate};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }
    }
}
