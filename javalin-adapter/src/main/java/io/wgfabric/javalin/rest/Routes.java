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
import static io.wgfabric.javalin.rest.Who.RENEWING;
import static io.wgfabric.javalin.rest.Who.VIEWER;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The table of routes: what there is, and who may use it. */
final class Routes {
    /** The stream of {@link WatchHandler}, which Javalin does not serve. */
    static final String WATCH = "/v1/watch";

    static final Set<Who> WATCH_ADMITS = EnumSet.of(NODE);

    private static final String CERTIFICATE = "jakarta.servlet.request.X509Certificate";

    /** @param handler runs only for callers that are among the admitted */
    private record Route(HandlerType method, String path, Set<Who> admitted, Handler handler) {
        String name() {
            return method.name() + " " + path;
        }
    }

    private final Doorkeeper door;
    private final NodeRoutes nodes;
    private final TokenRoutes tokens;
    private final StatusRoutes status;
    private final BackupRoute backups;
    private final JoinRoute joins;
    private final OperatorRoutes operators;
    private final SigningKeyRoutes signing;
    private final CertificateRoute certificates;
    private final FabricMetrics metrics;

    Routes(Core core, Doorkeeper door, FabricMetrics metrics, Executor workers) {
        Answers answers = new Answers(core.fabric(), workers);
        this.door = door;
        this.metrics = metrics;
        nodes = new NodeRoutes(core, answers);
        tokens = new TokenRoutes(core, answers);
        status = new StatusRoutes(core, answers);
        backups = new BackupRoute(core, answers);
        joins = new JoinRoute(core, answers, metrics);
        operators = new OperatorRoutes(core, answers);
        signing = new SigningKeyRoutes(core, answers);
        certificates = new CertificateRoute(core);
    }

    private List<Route> table() {
        return List.of(
                route(POST, "/v1/join", joins::join, ANYONE),
                route(GET, "/v1/netmap", nodes::netmap, NODE),
                route(POST, "/v1/heartbeat", nodes::heartbeat, NODE),
                route(GET, "/v1/nodes", nodes::list, VIEWER, MANAGER),
                route(GET, "/v1/nodes/{id}", nodes::show, VIEWER, MANAGER, ITSELF),
                route(DELETE, "/v1/nodes/{id}", nodes::remove, OPERATOR, MANAGER, LEAVING),
                route(POST, "/v1/nodes/{id}/keys", nodes::publishKey, ITSELF),
                route(POST, "/v1/nodes/{id}/certificate", certificates::renew, RENEWING),
                route(PUT, "/v1/nodes/{id}/reach", nodes::updateReach, ITSELF),
                route(POST, "/v1/nodes/{id}/rotate", nodes::rotate, OPERATOR, MANAGER, ITSELF),
                route(POST, "/v1/nodes/{id}/quarantine", nodes::quarantine, OPERATOR, MANAGER),
                route(POST, "/v1/nodes/{id}/release", nodes::release, OPERATOR, MANAGER),
                route(POST, "/v1/tokens", tokens::create, OPERATOR, MANAGER),
                route(GET, "/v1/tokens", tokens::list, VIEWER, MANAGER),
                route(GET, "/v1/tokens/{id}", tokens::show, VIEWER, MANAGER),
                route(DELETE, "/v1/tokens/{id}", tokens::revoke, OPERATOR, MANAGER),
                route(POST, "/v1/sealing-key/rotate", status::rotateSealingKey, ADMIN),
                route(POST, "/v1/operators", operators::create, ADMIN),
                route(GET, "/v1/operators", operators::list, VIEWER, MANAGER),
                route(DELETE, "/v1/operators/{operator}", operators::revoke, ADMIN),
                route(GET, "/v1/signing-keys", signing::list, VIEWER, MANAGER),
                route(POST, "/v1/signing-keys/{key}/rotate", signing::rotate, ADMIN),
                route(POST, "/v1/signing-keys/{key}/retire", signing::retire, ADMIN),
                route(GET, "/v1/status", status::status, VIEWER, NODE),
                // A manager has all of the state and the sealing key in any case.
                route(GET, "/v1/backup", backups::backup, ADMIN, MANAGER),
                route(GET, "/v1/audit", status::audit, VIEWER, MANAGER),
                route(GET, "/healthz", status::healthy, ANYONE),
                route(GET, "/readyz", status::ready, ANYONE),
                route(GET, "/metrics", this::scrape, VIEWER, MANAGER, LOOPBACK));
    }

    private static Route route(HandlerType method, String path, Handler handler, Who first, Who... more) {
        EnumSet<Who> admitted = EnumSet.of(first);
        admitted.addAll(Arrays.asList(more));
        return new Route(method, path, admitted, handler);
    }

    void install(RoutesConfig config) {
        for (Route route : table()) {
            config.addHttpHandler(route.method(), route.path(), ctx -> enter(ctx, route));
        }
    }

    private void enter(Context ctx, Route route) throws Exception {
        Caller caller = door.identify(chain(ctx), ctx.header("Authorization"), ctx.ip());
        door.check(route.admitted(), caller, ctx.pathParamMap().get("id"), route.name());
        Answers.setCaller(ctx, caller);
        route.handler().handle(ctx);
    }

    /** The certificates that the client has shown; null for none. */
    static X509Certificate @Nullable [] chain(Context ctx) {
        return ctx.req().getAttribute(CERTIFICATE) instanceof X509Certificate[] chain ? chain : null;
    }

    private void scrape(Context ctx) {
        ctx.contentType("text/plain; version=0.0.4; charset=utf-8").result(metrics.scrape());
    }
}
