package io.wgfabric.javalin.rest;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.Admission;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.NetmapPublisher;
import io.wgfabric.core.PresharedKeyDesk;
import io.wgfabric.core.RefusalLedger;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.SealingDesk;
import io.wgfabric.core.SigningDesk;
import io.wgfabric.core.SourceLimit;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.presence.Drift;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.state.Levels;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A manager with a real REST interface on loopback and a log in memory. */
final class LoneManager implements AutoCloseable {
    private static final int UNLIMITED = 1_000_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Held, so that their levels are not forgotten with them. */
    private static final List<Logger> QUIET = List.of(
            Logger.getLogger("io.javalin"), Logger.getLogger("org.eclipse.jetty"), Logger.getLogger("org.jgroups"));

    static {
        QUIET.forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    final Clock clock = new Clock();
    private final Instant started = clock.instant();
    final StagedLog log = new StagedLog(new InProcessLog());
    final Core core;
    final SSLContext ownTls;
    final OperatorCredential operator = OperatorCredential.generate();
    private final RestServer rest;

    /** A node that has joined, with what it needs to show who it is. */
    record Joined(NodeId id, String name, KeyPair pair, SSLContext tls, JoinAnswer answer) {}

    private LoneManager(Access access, Duration stall, int burst) {
        this(access, stall, burst, ConnectionLimits.DEFAULT);
    }

    private LoneManager(Access access, Duration stall, int burst, ConnectionLimits limits) {
        ClusterId cluster = ClusterId.of(RANDOM.nextLong());
        NodeId self = NodeId.of(RANDOM.nextLong());
        byte[] sealingKey = Sealer.generateKey();
        Sealer sealer = new Sealer(sealingKey);
        ReplicatedFabric fabric = ReplicatedFabric.open(log, clock);
        submit(
                fabric,
                ClusterKeyring.bootstrap(
                        cluster,
                        List.of(Prefix.parse("10.0.0.0/16")),
                        sealer,
                        new Operator(operator.id(), "first", access, operator.hash()),
                        clock.instant()));
        submit(
                fabric,
                new Command.JoinNode(
                        null,
                        self,
                        Role.MGMT,
                        new NodeName("m1"),
                        newKeys(),
                        endpoints(),
                        new ManagerServices("127.0.0.1:1", "127.0.0.1:2", Levels.NEWEST, null)));
        submit(fabric, new Command.RaiseLevel(Levels.NEWEST));
        ClusterKeyring keyring = ClusterKeyring.follow(fabric::view, view -> sealer, CertificateAuthority.NODE_LIFE);
        NetmapPublisher netmaps = new NetmapPublisher(keyring::signer);
        RefusalLedger refusals = new RefusalLedger();
        core = new Core(
                fabric,
                keyring,
                new Admission(fabric, keyring, netmaps, refusals, view -> Bytes.of(sealingKey), clock),
                new TokenDesk(fabric, keyring),
                new SealingDesk(fabric, view -> Bytes.of(sealingKey)),
                new SigningDesk(fabric, keyring, view -> Bytes.of(sealingKey), clock),
                new PresharedKeyDesk(fabric, view -> Bytes.of(sealingKey)),
                netmaps,
                refusals,
                new Presence(clock),
                new Vantage(),
                new Drift(),
                self,
                clock);
        KeyPair pair = Keys.generateP256();
        X509Certificate authority = keyring.authority().certificate();
        X509Certificate certificate = keyring.authority()
                .issueNode(pair.getPublic(), new NodeIdentity(cluster, Role.MGMT, self), clock.instant());
        ownTls = Tls.context(pair.getPrivate(), certificate, authority, trust());
        rest = RestServer.start(
                core,
                Tls.context(pair.getPrivate(), certificate, authority, new OpenTrust(authority)),
                "127.0.0.1",
                0,
                stall,
                new SourceLimit(() -> 0, burst, Doorkeeper.PER_SECOND),
                limits);
    }

    static LoneManager start() {
        return new LoneManager(Access.ADMIN, WatchHub.STALL, UNLIMITED);
    }

    /** @param access of the one operator that it has */
    static LoneManager start(Access access) {
        return new LoneManager(access, WatchHub.STALL, UNLIMITED);
    }

    static LoneManager start(Duration stall) {
        return new LoneManager(Access.ADMIN, stall, UNLIMITED);
    }

    /** @param burst how often those may ask who have no credential; it stays so, however long it takes */
    static LoneManager start(int burst) {
        return new LoneManager(Access.ADMIN, WatchHub.STALL, burst);
    }

    static LoneManager start(ConnectionLimits limits) {
        return new LoneManager(Access.ADMIN, WatchHub.STALL, UNLIMITED, limits);
    }

    FabricTrust trust() {
        return new FabricTrust(
                core.keyring().authority().certificate(),
                core.keyring().cluster(),
                identity -> identity.role() == Role.MGMT,
                clock);
    }

    /** The same as when this manager started, whatever its clock says by now. */
    FabricTrust anyAge() {
        return new FabricTrust(
                core.keyring().authority().certificate(),
                core.keyring().cluster(),
                identity -> identity.role() == Role.MGMT,
                InstantSource.fixed(started));
    }

    int port() {
        return rest.port();
    }

    /** Of somebody who has nothing to show. */
    Client nobody() {
        return new Client(port(), Tls.context(trust()), null);
    }

    Client operator() {
        return new Client(port(), Tls.context(trust()), operator.reveal());
    }

    /** The manager itself, as another program would be that has its key. */
    Client manager() {
        return new Client(port(), ownTls, null);
    }

    Client as(Joined node) {
        return new Client(port(), node.tls(), null);
    }

    Outcome submit(Command command) {
        return submit(core.fabric(), command);
    }

    private static Outcome submit(ReplicatedFabric fabric, Command command) {
        Outcome outcome = fabric.submit(
                        Actor.system("test"), new RequestId(UUID.randomUUID().toString()), command)
                .toCompletableFuture()
                .join();
        return outcome.orThrow();
    }

    /** A token for peers of an hour. */
    TokenDesk.Issued token(Role role, int uses) {
        return core.tokens()
                .issue(
                        Actor.system("test"),
                        new RequestId(UUID.randomUUID().toString()),
                        new TokenDesk.Wish(role, Duration.ofHours(1), uses, Collections.emptySortedSet(), null, false))
                .toCompletableFuture()
                .join();
    }

    static NodeKeys newKeys() {
        return new NodeKeys(newKey(), newKey());
    }

    static PublicKey newKey() {
        byte[] bytes = new byte[PublicKey.BYTES];
        RANDOM.nextBytes(bytes);
        return PublicKey.of(bytes);
    }

    static NodeEndpoints endpoints() {
        return new NodeEndpoints(List.of(Address.parse("192.0.2.1")), 51820, 51821);
    }

    static JoinRequest request(String token, Role role, @Nullable String name, KeyPair tls) {
        return new JoinRequest(
                new RequestId(UUID.randomUUID().toString()),
                token,
                role,
                name == null ? null : new NodeName(name),
                newKeys(),
                endpoints(),
                role == Role.MGMT ? new ManagerServices("127.0.0.1:7443", "127.0.0.1:7800", Levels.NEWEST, null) : null,
                Certificates.request(tls));
    }

    /** A peer that has joined over the wire. */
    Joined join(String name) throws IOException, InterruptedException {
        return join(name, Role.PEER);
    }

    Joined join(@Nullable String name, Role role) throws IOException, InterruptedException {
        return join(name, role, token(role, 1).text());
    }

    /** A peer that has joined and waits for approval. */
    Joined joinPending(String name) throws IOException, InterruptedException {
        Reply token = operator().ask("POST", "/v1/tokens", Map.of("role", "peer", "needsApproval", true));
        return join(name, Role.PEER, token.json().path("token").asString());
    }

    private Joined join(@Nullable String name, Role role, String token) throws IOException, InterruptedException {
        KeyPair pair = Keys.generateP256();
        Reply reply = nobody().ask("POST", "/v1/join", request(token, role, name, pair));
        if (reply.status() != 200) {
            throw new IOException(reply.body());
        }
        JoinAnswer answer = Json.mapper().readValue(reply.body(), JoinAnswer.class);
        SSLContext tls = Tls.context(
                pair.getPrivate(),
                Certificates.decode(answer.certificate()),
                Certificates.decode(answer.authorities().get(0).certificate()),
                trust());
        return new Joined(answer.node().id(), answer.node().name().text(), pair, tls, answer);
    }

    /** The node's certificate, shown to servers that another trust decides about. */
    SSLContext reTrusted(Joined node, FabricTrust trust) {
        return Tls.context(
                node.pair().getPrivate(),
                Certificates.decode(node.answer().certificate()),
                Certificates.decode(node.answer().authorities().get(0).certificate()),
                trust);
    }

    @Override
    public void close() {
        rest.close();
        core.fabric().close();
    }
}
