package io.wgfabric.javalin.rest;

import static io.javalin.http.HandlerType.DELETE;
import static io.javalin.http.HandlerType.GET;
import static io.javalin.http.HandlerType.POST;
import static io.javalin.http.HandlerType.PUT;
import static io.wgfabric.javalin.rest.Who.ADMIN;
import static io.wgfabric.javalin.rest.Who.ANYONE;
import static io.wgfabric.javalin.rest.Who.ITSELF;
import static io.wgfabric.javalin.rest.Who.LEAVING;
import static io.wgfabric.javalin.rest.Who.LOOPBACK;
import static io.wgfabric.javalin.rest.Who.MANAGER;
import static io.wgfabric.javalin.rest.Who.NODE;
import static io.wgfabric.javalin.rest.Who.OPERATOR;
import static io.wgfabric.javalin.rest.Who.PENDING;
import static io.wgfabric.javalin.rest.Who.RENEWING;
import static io.wgfabric.javalin.rest.Who.VIEWER;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.wgfabric.api.PoolUse;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.wire.CertificateAnswer;
import io.wgfabric.core.wire.CertificateRequest;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.HeartbeatAnswer;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import io.wgfabric.core.wire.PresharedKeyAnswer;
import io.wgfabric.core.wire.PresharedKeyRequest;
import io.wgfabric.javalin.Version;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The table of routes: what there is, what it takes and gives, and who may use it. */
final class Routes {
    /** The stream of {@link WatchHandler}, which Javalin does not serve. */
    static final String WATCH = "/v1/watch";

    static final Set<Who> WATCH_ADMITS = EnumSet.of(NODE, PENDING);

    private static final String CERTIFICATE = "jakarta.servlet.request.X509Certificate";

    private static final String ENTERED = "io.wgfabric.entered";

    /** A request that the table has a route for, since when. */
    private record Entered(Route route, long nanos) {}

    private final Doorkeeper door;
    private final NodeRoutes nodes;
    private final TokenRoutes tokens;
    private final StatusRoutes status;
    private final AddressRoutes addresses;
    private final BackupRoute backups;
    private final JoinRoute joins;
    private final OperatorRoutes operators;
    private final SigningKeyRoutes signing;
    private final MeshRoutes mesh;
    private final PairRoutes pairs;
    private final CertificateRoute certificates;
    private final SessionRoutes sessions;
    private final FabricMetrics metrics;
    private final List<Route> table;
    private final byte[] document;

    Routes(Core core, Doorkeeper door, Sessions open, FabricMetrics metrics, Executor workers) {
        Answers answers = new Answers(core.fabric(), workers);
        this.door = door;
        this.metrics = metrics;
        nodes = new NodeRoutes(core, answers);
        tokens = new TokenRoutes(core, answers);
        status = new StatusRoutes(core, answers);
        addresses = new AddressRoutes(core, answers);
        backups = new BackupRoute(core, answers);
        joins = new JoinRoute(core, answers, door, metrics);
        operators = new OperatorRoutes(core, answers);
        signing = new SigningKeyRoutes(core, answers);
        mesh = new MeshRoutes(core, answers);
        pairs = new PairRoutes(core, answers);
        certificates = new CertificateRoute(core);
        sessions = new SessionRoutes(core, open);
        table = Stream.concat(table().stream(), UiFiles.routes().stream()).toList();
        document = Json.mapper().writeValueAsBytes(OpenApi.document(table, Version.text()));
    }

    private List<Route> table() {
        return List.of(
                route(POST, "/v1/join", joins::join, ANYONE)
                        .does(
                                "Joins a node with a token: one request, one decision, its certificate and configuration.")
                        .takes(JoinRequest.class)
                        .gives(JoinAnswer.class)
                        // The request id in the body makes it repeatable.
                        .unkeyed()
                        .refuses(403, 404, 409),
                route(GET, "/v1/netmap", nodes::netmap, NODE)
                        .does("The signed configuration of the mesh: a JWS in compact form.")
                        .givesOther("application/jose"),
                Route.of(GET, WATCH, WATCH_ADMITS, null)
                        .does("A stream of JSON lines that says what changes.")
                        .query("epoch", long.class, "Of the newest configuration that the node has seen.")
                        .query("revision", long.class, "Of the same; the stream goes on from there.")
                        .query("signer", String.class, "Who signed it, by thumbprint; left out to get a full one.")
                        .givesOther("application/x-ndjson"),
                route(POST, "/v1/heartbeat", nodes::heartbeat, NODE, PENDING)
                        .does("Says that the node is there, and asks where it is seen.")
                        .takes(Heartbeat.class)
                        .gives(HeartbeatAnswer.class)
                        .unkeyed(),
                route(GET, "/v1/nodes", nodes::list, VIEWER, MANAGER)
                        .does("The nodes, by id.")
                        .query("all", boolean.class, "Also those that were removed.")
                        .lists(NodeRow.class),
                route(GET, "/v1/nodes/{id}", nodes::show, VIEWER, MANAGER, ITSELF, PENDING)
                        .does("One node, by id or name.")
                        .query("all", boolean.class, "Also if it was removed.")
                        .gives(NodeRow.class),
                route(GET, "/v1/nodes/{id}/pairs", pairs::ofNode, VIEWER, MANAGER, ITSELF)
                        .does("How a node reaches the others, as it says: by the other ends' ids.")
                        .lists(PairRoutes.PairRow.class),
                route(DELETE, "/v1/nodes/{id}", nodes::remove, OPERATOR, MANAGER, LEAVING)
                        .does("Removes a node for good, or lets it leave."),
                route(POST, "/v1/nodes/{id}/keys", nodes::publishKey, ITSELF)
                        .does("The new key of a plane that is being rotated.")
                        .takes(NodeRoutes.NewKey.class)
                        .gives(NodeRow.class),
                route(POST, "/v1/nodes/{id}/preshared-keys", nodes::presharedKeys, ITSELF)
                        .does(
                                "The pre-shared keys of pairs with the node that asks; those that are not known are left out.")
                        .takes(PresharedKeyRequest.class)
                        .gives(PresharedKeyAnswer.class)
                        // Nothing is written.
                        .unkeyed(),
                route(POST, "/v1/nodes/{id}/certificate", certificates::renew, RENEWING)
                        .does("The certificate that follows, for the same key.")
                        .takes(CertificateRequest.class)
                        .gives(CertificateAnswer.class)
                        // Each has a serial number of its own, and any of them will do.
                        .unkeyed(),
                route(PUT, "/v1/nodes/{id}/reach", nodes::updateReach, ITSELF)
                        .does("Where a node is reached now.")
                        .takes(NodeRoutes.Reach.class)
                        .gives(NodeRow.class),
                route(POST, "/v1/nodes/{id}/rotate", nodes::rotate, OPERATOR, MANAGER, ITSELF)
                        .does("Begins to rotate a node's keys.")
                        .gives(NodeRow.class),
                route(POST, "/v1/nodes/{id}/quarantine", nodes::quarantine, OPERATOR, MANAGER)
                        .does("Takes a node off every other node's interface.")
                        .takes(NodeRoutes.Reason.class)
                        .gives(NodeRow.class),
                route(POST, "/v1/nodes/{id}/release", nodes::release, OPERATOR, MANAGER)
                        .does("Ends a quarantine.")
                        .gives(NodeRow.class),
                route(POST, "/v1/nodes/{id}/approve", nodes::approve, OPERATOR, MANAGER)
                        .does("Lets a pending node into the mesh.")
                        .gives(NodeRow.class),
                route(PUT, "/v1/nodes/{id}/hub", nodes::setHub, OPERATOR, MANAGER)
                        .does("Says whether a node forwards between nodes that have no tunnel with each other.")
                        .takes(NodeRoutes.HubOrNot.class)
                        .gives(NodeRow.class),
                route(PUT, "/v1/nodes/{id}/offered-routes", nodes::offerRoutes, ITSELF)
                        .does("The networks behind a node that it would forward to.")
                        .takes(NodeRoutes.Networks.class)
                        .gives(NodeRow.class),
                route(PUT, "/v1/nodes/{id}/routes", nodes::approveRoutes, OPERATOR, MANAGER)
                        .does("Those of the offered networks that the others send to the node; all of them, each time.")
                        .takes(NodeRoutes.Networks.class)
                        .gives(NodeRow.class),
                route(GET, "/v1/mesh", mesh::show, VIEWER, MANAGER)
                        .does("The topology, its hubs, how often keys are rotated unasked, and pre-shared keys.")
                        .gives(MeshRoutes.Mesh.class),
                route(GET, "/v1/mesh/pairs", pairs::ofMesh, VIEWER, MANAGER)
                        .does("How nodes reach each other, by their ids: each pair as 'NODE SECONDS', the age of its"
                                + " newest handshake, 'NODE -' for none yet, or 'NODE via NODE'.")
                        .lists(PairRoutes.NodePairs.class, PairRoutes.MAX_NODES),
                route(PUT, "/v1/mesh", mesh::change, ADMIN)
                        .does("Changes the topology, and how often keys are rotated unasked.")
                        .takes(MeshRoutes.NewPolicy.class)
                        .gives(MeshRoutes.Mesh.class),
                route(PUT, "/v1/mesh/preshared-keys", mesh::setPresharedKeys, ADMIN)
                        .does("Switches the pre-shared keys of pairs on or off; each node gets new keys for it.")
                        .takes(MeshRoutes.OnOrOff.class)
                        .gives(MeshRoutes.Mesh.class),
                route(POST, "/v1/tokens", tokens::create, OPERATOR, MANAGER)
                        .does("Makes a join token. Its text stands in this answer alone.")
                        .takes(TokenRoutes.NewToken.class)
                        .gives(201, TokenCreated.class),
                route(GET, "/v1/tokens", tokens::list, VIEWER, MANAGER)
                        .does("The join tokens, by id; nothing in them admits anybody.")
                        .lists(TokenRow.class),
                route(GET, "/v1/tokens/{id}", tokens::show, VIEWER, MANAGER)
                        .does("One join token.")
                        .gives(TokenRow.class),
                route(DELETE, "/v1/tokens/{id}", tokens::revoke, OPERATOR, MANAGER)
                        .does("Revokes a join token.")
                        .query("cascade", boolean.class, "Also quarantines the nodes that joined with it.")
                        .gives(TokenRow.class),
                route(POST, "/v1/sealing-key/rotate", status::rotateSealingKey, ADMIN)
                        .does("Seals the cluster's secrets under a new key.")
                        .gives(StatusRoutes.Rotated.class),
                route(POST, "/v1/operators", operators::create, ADMIN)
                        .does("Lets an operator in, by the hash of a secret that the caller made.")
                        .takes(OperatorRoutes.NewOperator.class)
                        .gives(201, OperatorCreated.class),
                route(GET, "/v1/operators", operators::list, VIEWER, MANAGER)
                        .does("The operators, by id.")
                        .lists(OperatorRow.class),
                route(DELETE, "/v1/operators/{operator}", operators::revoke, ADMIN)
                        .does("Revokes an operator, by id or name."),
                route(GET, "/v1/signing-keys", signing::list, VIEWER, MANAGER)
                        .does("The keys that sign tokens and configurations, and the authority's.")
                        .lists(SigningKeyRow.class),
                route(POST, "/v1/signing-keys/{key}/rotate", signing::rotate, ADMIN)
                        .does("Begins to rotate a signing key; the fabric does the rest by itself.")
                        .gives(SigningKeyRow.class),
                route(POST, "/v1/signing-keys/{key}/retire", signing::retire, ADMIN)
                        .does("Retires the old signing key now: what it signed is worth nothing from then on.")
                        .takes(SigningKeyRoutes.Retirement.class)
                        .gives(SigningKeyRow.class),
                route(GET, "/v1/ipam/pools", addresses::pools, VIEWER, MANAGER)
                        .does("The address pools, all of them.")
                        .lists(PoolUse.class),
                route(POST, "/v1/ipam/pools", addresses::addPool, ADMIN)
                        .does("Adds an address pool.")
                        .takes(AddressRoutes.NewPool.class)
                        .gives(201, PoolUse.class),
                route(GET, "/v1/ipam/addresses", addresses::addresses, VIEWER, MANAGER)
                        .does("The addresses that are in use, reserved or at rest, in their order.")
                        .lists(AddressRow.class),
                route(POST, "/v1/ipam/reservations", addresses::reserve, OPERATOR, MANAGER)
                        .does("Keeps an address for the node of a name.")
                        .takes(AddressRoutes.NewReservation.class)
                        .gives(201, AddressRow.class),
                route(DELETE, "/v1/ipam/addresses/{address}", addresses::release, OPERATOR, MANAGER)
                        .does("Drops an address's reservation; if it has none, ends its rest.")
                        .gives(AddressRow.class),
                route(POST, "/v1/session", sessions::open, VIEWER)
                        .does("Signs in at the web page: a cookie of this manager's takes the credential's place.")
                        .gives(201, SessionRoutes.Session.class)
                        // Each is another one.
                        .unkeyed(),
                route(GET, "/v1/session", sessions::show, VIEWER)
                        .does("Who is signed in.")
                        .gives(SessionRoutes.Session.class),
                route(DELETE, "/v1/session", sessions::close, VIEWER)
                        .does("Signs out.")
                        .unkeyed(),
                route(GET, "/v1/status", status::status, VIEWER, NODE)
                        .does("The cluster at a glance.")
                        .gives(StatusAnswer.class),
                // A manager has all of the state and the sealing key in any case.
                route(GET, "/v1/backup", backups::backup, ADMIN, MANAGER)
                        .does("The newest state, sealed as a whole.")
                        .givesOther("application/octet-stream"),
                route(GET, "/v1/audit", status::audit, VIEWER, MANAGER)
                        .does("A part of the audit chain: what follows an entry, or else its end.")
                        .query("limit", int.class, "At most so many entries, 1 to 1000; 100 if left out.")
                        .query("after", long.class, "Begin after the entry with this number.")
                        .gives(StatusRoutes.AuditPage.class),
                route(GET, "/healthz", status::healthy, ANYONE)
                        .does("Whether the process is up and its replica goes on.")
                        .gives(StatusRoutes.Health.class),
                route(GET, "/readyz", status::ready, ANYONE)
                        .does("Whether this manager can do its work.")
                        .gives(StatusRoutes.Health.class),
                route(GET, OpenApi.PATH, this::describe, ANYONE)
                        .does("This document.")
                        .gives(JsonNode.class),
                route(GET, "/metrics", this::scrape, VIEWER, MANAGER, LOOPBACK)
                        .does("What Prometheus sees of this manager.")
                        .givesOther("text/plain"));
    }

    private static Route route(HandlerType method, String path, Handler handler, Who first, Who... more) {
        EnumSet<Who> admitted = EnumSet.of(first);
        admitted.addAll(Arrays.asList(more));
        return Route.of(method, path, admitted, handler);
    }

    void install(RoutesConfig config) {
        for (Route route : table) {
            Handler served = route.handler();
            // Of a stream that is served elsewhere only HEAD comes here.
            Handler handler = served != null ? served : ctx -> ctx.contentType(mediaType(route));
            config.addHttpHandler(route.method(), route.path(), ctx -> enter(ctx, route, handler));
        }
    }

    private static String mediaType(Route route) {
        String type = route.output().mediaType();
        return type == null ? Route.JSON : type;
    }

    private void enter(Context ctx, Route route, Handler handler) throws Exception {
        ctx.attribute(ENTERED, new Entered(route, System.nanoTime()));
        String authorization = ctx.header("Authorization");
        String session = authorization == null ? ctx.cookie(Sessions.COOKIE) : null;
        Caller caller = door.identify(
                ctx.req().getAttribute(CERTIFICATE) instanceof X509Certificate[] chain ? chain : null,
                authorization,
                session,
                ctx.ip());
        if (session != null && caller instanceof Caller.Credentialed) {
            door.requireOwnPage(ctx, caller, route.name());
        }
        door.check(route.admitted(), caller, ctx.pathParamMap().get("id"), route.name());
        Answers.setCaller(ctx, caller);
        if (Doorkeeper.isKnown(caller)) {
            ConnectionGuard.known(ctx.req()::getAttribute);
        }
        handler.handle(ctx);
    }

    /** Counts what was entered, whatever came of it. */
    void left(Context ctx) {
        Entered entered = ctx.attribute(ENTERED);
        if (entered != null) {
            metrics.answered(
                    ctx.method().name(), entered.route().path(), ctx.statusCode(), System.nanoTime() - entered.nanos());
        }
    }

    /** The certificates that the client has shown; null for none. */
    static X509Certificate @Nullable [] chain(Context ctx) {
        return ctx.req().getAttribute(CERTIFICATE) instanceof X509Certificate[] chain ? chain : null;
    }

    private void scrape(Context ctx) {
        Answers.whole(
                ctx,
                "text/plain; version=0.0.4; charset=utf-8",
                metrics.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private void describe(Context ctx) {
        Answers.whole(ctx, Route.JSON, document);
    }
}
