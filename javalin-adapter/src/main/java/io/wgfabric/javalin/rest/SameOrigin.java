package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a browser sends by itself, its cookie, counts only for requests of our own page: another site can make a browser
 * ask, but not with a header of its own, and the browser says where a request comes from. One of the two would do; the
 * cookie is {@code SameSite=Strict} besides.
 */
final class SameOrigin {
    /** Our page sends it; a form or an image cannot. */
    static final String HEADER = "Fabric-Page";

    /** Without this a request of a browser changes nothing. */
    static final String FROM_OTHERS = "cross-site";

    private static final Set<String> READS = Set.of("GET", "HEAD");

    private SameOrigin() {}

    /** @throws ProblemException if another site may have made the browser ask */
    static void require(Context ctx) {
        if (!isOwn(
                READS.contains(ctx.method().name()),
                ctx.header(HEADER),
                ctx.header("Sec-Fetch-Site"),
                ctx.header("Origin"),
                origin(ctx.req().getServerName(), ctx.req().getServerPort()))) {
            throw new ProblemException(
                    403, FROM_OTHERS, "a session counts for this manager's own page alone; programs use a credential");
        }
    }

    /** Of this manager as the client calls it (RFC 6454 section 6.2): the port of https is left out. */
    private static String origin(String host, int port) {
        return "https://" + host + (port == 443 ? "" : ":" + port);
    }

    /**
     * @param site {@code Sec-Fetch-Site} (W3C Fetch Metadata), which no script can set
     * @param own the origin of this manager, as the client calls it
     */
    static boolean isOwn(
            boolean read, @Nullable String header, @Nullable String site, @Nullable String origin, String own) {
        boolean fromHere = site == null || site.equals("same-origin") || (read && site.equals("none"));
        boolean sameOrigin = origin == null || origin.equals(own);
        return fromHere && sameOrigin && (read || (header != null && (site != null || origin != null)));
    }
}
