package io.wgfabric.javalin.rest;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.wgfabric.core.SourceLimit;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.FabricTrust;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.Locale;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.BlockingArrayQueue;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The REST interface of a manager: TLS 1.3 only, HTTP/2 and HTTP/1.1 by ALPN. Serves from start to close. */
public final class RestServer implements AutoCloseable {
    /** The largest request body, in bytes. */
    static final int MAX_BODY = 64 << 10;

    /** After how many seconds to ask again what cannot be answered now. */
    static final String RETRY_AFTER = "1";

    static final int MAX_HEADERS = 8 << 10;
    private static final int MAX_THREADS = 64;
    private static final int MIN_THREADS = 4;
    private static final int MAX_STREAMS = 128;

    /** How much may wait for a thread. */
    private static final int MAX_QUEUE = 4_096;

    /** RFC 9110 section 5.6.7. */
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final Logger LOGGER = System.getLogger(RestServer.class.getName());

    private final Javalin javalin;
    private final WatchHub hub;
    private final FabricMetrics metrics;

    private RestServer(Javalin javalin, WatchHub hub, FabricMetrics metrics) {
        this.javalin = javalin;
        this.hub = hub;
        this.metrics = metrics;
    }

    /**
     * @param host the address to listen at
     * @param port 0 for any
     * @param tls shows this manager's certificate; its trust must be an {@link OpenTrust}
     */
    public static RestServer start(Core core, SSLContext tls, String host, int port) {
        return start(
                core,
                tls,
                host,
                port,
                WatchHub.STALL,
                new SourceLimit(System::nanoTime, Doorkeeper.BURST, Doorkeeper.PER_SECOND),
                ConnectionLimits.DEFAULT);
    }

    static RestServer start(
            Core core,
            SSLContext tls,
            String host,
            int port,
            Duration stall,
            SourceLimit limit,
            ConnectionLimits limits) {
        FabricTrust trust =
                new FabricTrust(core.keyring()::authorities, core.keyring().cluster(), identity -> true, core.clock());
        Sessions sessions = new Sessions(core.clock());
        Doorkeeper door = new Doorkeeper(core.fabric(), trust, core.refusals(), limit, sessions, core.clock());
        WatchHub hub = new WatchHub(core, stall);
        FabricMetrics metrics = new FabricMetrics(core, hub::size);
        QueuedThreadPool threads = threads();
        Routes routes = new Routes(core, door, sessions, metrics, threads);
        ConnectionGuard guard = new ConnectionGuard(
                new WholeBody(new WatchHandler(door, hub, metrics), limits, metrics), limits, metrics);
        metrics.newcomers(guard::newcomers);
        Javalin javalin = Javalin.create(config -> {
            limits(config);
            config.jetty.threadPool = threads;
            ProblemErrors errors = new ProblemErrors(metrics);
            config.jetty.modifyServer(server -> {
                server.setErrorHandler(errors);
                server.setHandler(guard);
            });
            config.jetty.modifyServletContextHandler(handler -> handler.setErrorHandler(errors));
            config.jetty.addConnector((server, http) -> {
                ServerConnector connector = connector(server, http, tls, host, port);
                connector.setIdleTimeout(limits.idle().toMillis());
                connector.addBean(guard, false);
                connector.addBean(new NetworkConnectionLimit(limits.connections(), connector));
                return connector;
            });
            config.routes.before(RestServer::harden);
            // By the clock that decides whether certificates and tokens are valid: clients hold theirs against it.
            config.routes.before(
                    ctx -> ctx.header("Date", HTTP_DATE.format(core.clock().instant())));
            routes.install(config.routes);
            config.routes.after(routes::left);
            config.routes.exception(Exception.class, (e, ctx) -> refuse(ctx, e, metrics));
            config.routes.exception(HttpResponseException.class, (e, ctx) -> refuse(ctx, e, metrics));
        });
        RestServer rest = new RestServer(javalin, hub, metrics);
        try {
            javalin.start();
        } catch (RuntimeException e) {
            rest.close();
            throw e;
        }
        return rest;
    }

    /** Should a browser ever be made to show an answer, it takes it for nothing but data. */
    private static void harden(Context ctx) {
        ctx.header("X-Content-Type-Options", "nosniff");
        ctx.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }

    private static QueuedThreadPool threads() {
        QueuedThreadPool threads =
                new QueuedThreadPool(MAX_THREADS, MIN_THREADS, 60_000, new BlockingArrayQueue<>(MAX_QUEUE));
        threads.setName("fabric-rest");
        threads.setDaemon(true);
        if (VirtualThreads.areSupported()) {
            threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
        }
        return threads;
    }

    private static void limits(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.maxRequestSize = MAX_BODY;
        config.http.asyncTimeout = Duration.ofSeconds(30).toMillis();
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.http.prefer405over404 = true;
        config.jetty.modifyHttpConfiguration(http -> {
            http.setSendServerVersion(false);
            http.setSendDateHeader(false);
            http.setRequestHeaderSize(MAX_HEADERS);
        });
    }

    private static ServerConnector connector(
            Server server, HttpConfiguration given, SSLContext tls, String host, int port) {
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setSslContext(tls);
        ssl.setIncludeProtocols("TLSv1.3");
        ssl.setWantClientAuth(true);
        HttpConfiguration http = new HttpConfiguration(given);
        // Nodes are known by their identity, not by a host name, so there is no name to check.
        http.addCustomizer(new SecureRequestCustomizer(false));
        HTTP2ServerConnectionFactory h2 = new HTTP2ServerConnectionFactory(http);
        h2.setMaxConcurrentStreams(MAX_STREAMS);
        // Watch streams live for ever; their pings and the stall limit take the place of an idle timeout.
        h2.setStreamIdleTimeout(-1);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        ServerConnector connector = new ServerConnector(
                server, new SslConnectionFactory(ssl, "alpn"), alpn, h2, new HttpConnectionFactory(http));
        connector.setHost(host);
        connector.setPort(port);
        return connector;
    }

    private static void refuse(Context ctx, Exception e, FabricMetrics metrics) {
        Problem problem = e instanceof HttpResponseException http ? Problem.ofHttp(http.getStatus()) : Problem.of(e);
        if (problem.slug().equals(Problem.INTERNAL)) {
            LOGGER.log(Level.ERROR, ctx.method().name() + " " + ctx.path() + " failed", Problem.unwrap(e));
        }
        metrics.refused(problem.slug());
        problem.headers().forEach(ctx::header);
        if (e instanceof MethodNotAllowedResponse refused) {
            ctx.header("Allow", allowed(refused));
        }
        ctx.status(problem.status())
                .contentType(Problem.MEDIA_TYPE)
                .result(Json.mapper().writeValueAsBytes(problem));
    }

    /** The methods that a path takes (RFC 9110 section 10.2.1); what answers GET answers HEAD too. */
    private static String allowed(MethodNotAllowedResponse refused) {
        TreeSet<String> methods = new TreeSet<>();
        refused.getDetails().values().forEach(names -> Collections.addAll(methods, names.split(", ")));
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return String.join(", ", methods);
    }

    /** Where it listens. */
    public int port() {
        return javalin.port();
    }

    @Override
    public void close() {
        hub.close();
        javalin.stop();
        metrics.close();
    }
}
