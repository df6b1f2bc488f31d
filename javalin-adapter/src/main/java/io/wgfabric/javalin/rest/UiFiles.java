package io.wgfabric.javalin.rest;

import static io.javalin.http.HandlerType.GET;

import io.javalin.http.Context;
import io.wgfabric.api.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;

/**
 * The files of the web page, out of this jar. Each has a route of its own, so that no part of a request is ever taken for
 * the name of a file.
 */
final class UiFiles {
    static final String PATH = "/ui/";

    /** Nothing but these files and this manager's own answers; no script or style within a page. */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** All that there are, in the folder {@code ui} of the resources. */
    static final List<String> NAMES = List.of(
            "index.html",
            "style.css",
            "icon.svg",
            "app.js",
            "api.js",
            "dom.js",
            "dialog.js",
            "signin.js",
            "overview.js",
            "nodes.js",
            "mesh.js",
            "pairs.js",
            "ring.js",
            "matrix.js",
            "tokens.js",
            "addresses.js",
            "audit.js",
            "metrics.js");

    private UiFiles() {}

    static List<Route> routes() {
        return NAMES.stream().map(UiFiles::route).toList();
    }

    private static Route route(String name) {
        byte[] content = read(name);
        String tag = "\"" + Bytes.sha256(content).hex() + "\"";
        String type = type(name);
        String path = name.equals("index.html") ? PATH : PATH + name;
        return Route.of(GET, path, EnumSet.of(Who.ANYONE), ctx -> serve(ctx, type, tag, content))
                .does("A file of the web page.")
                .givesOther(type.replaceFirst(";.*", ""));
    }

    private static void serve(Context ctx, String type, String tag, byte[] content) {
        ctx.header("Content-Security-Policy", POLICY);
        ctx.header("Referrer-Policy", "no-referrer");
        ctx.header("Cross-Origin-Opener-Policy", "same-origin");
        ctx.header("Cross-Origin-Resource-Policy", "same-origin");
        // After an upgrade of this manager the parts of the page must not be of different versions.
        ctx.header("Cache-Control", "no-cache");
        ctx.header("ETag", tag);
        if (tag.equals(ctx.header("If-None-Match"))) {
            ctx.status(304);
        } else {
            Answers.whole(ctx, type, content);
        }
    }

    private static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "svg" -> "image/svg+xml";
            default -> "text/javascript; charset=utf-8";
        };
    }

    private static byte[] read(String name) {
        try (InputStream in =
                Objects.requireNonNull(UiFiles.class.getResourceAsStream("/io/wgfabric/javalin/ui/" + name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
