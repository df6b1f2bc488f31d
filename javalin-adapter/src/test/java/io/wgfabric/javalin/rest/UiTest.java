package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.crypto.Tls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The files of the web page as a browser gets them. */
class UiTest {
    private static final Pattern REFERENCE = Pattern.compile("(?:from |src=|href=)\"(\\./|/ui/|https?:)([^\"]*)\"");

    @SuppressWarnings("NullAway.Init")
    private static LoneManager manager;

    @SuppressWarnings("NullAway.Init")
    private static HttpClient http;

    @BeforeAll
    static void start() {
        manager = LoneManager.start();
        http = HttpClient.newBuilder().sslContext(Tls.context(manager.trust())).build();
    }

    @AfterAll
    static void stop() {
        manager.close();
    }

    private static HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + manager.port() + path))
                .timeout(Duration.ofSeconds(20));
        return http.send(
                headers.length == 0 ? request.build() : request.headers(headers).build(), BodyHandlers.ofString());
    }

    private static String path(String name) {
        return UiFiles.PATH + (name.equals("index.html") ? "" : name);
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Test
    void everyFileIsServedWithAPolicyThatAllowsNothingFromOutside() throws Exception {
        for (String name : UiFiles.NAMES) {
            HttpResponse<String> response = get(path(name));

            assertEquals(200, response.statusCode(), name);
            assertEquals(
                    List.of("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
                    response.headers().allValues("content-security-policy"),
                    name);
            assertEquals("nosniff", header(response, "x-content-type-options"), name);
            assertEquals("no-referrer", header(response, "referrer-policy"), name);
            assertEquals("no-cache", header(response, "cache-control"), name);
            assertTrue(header(response, "set-cookie").isEmpty(), name);
        }
    }

    @Test
    void fileThatTheBrowserHasIsNotSentAgain() throws Exception {
        for (String name : UiFiles.NAMES) {
            String tag = header(get(path(name)), "etag");
            HttpResponse<String> again = get(path(name), "If-None-Match", tag);

            assertEquals(304, again.statusCode(), name);
            assertEquals("", again.body(), name);
            assertEquals(tag, header(again, "etag"), name);
            assertEquals(200, get(path(name), "If-None-Match", "\"other\"").statusCode(), name);
        }
    }

    @Test
    void everyFileInTheJarIsListed() throws Exception {
        Path folder = Path.of(Objects.requireNonNull(UiFiles.class.getResource("/io/wgfabric/javalin/ui/index.html"))
                        .toURI())
                .getParent();
        try (Stream<Path> files = Files.list(Objects.requireNonNull(folder))) {
            TreeSet<String> found = new TreeSet<>();
            files.forEach(file -> found.add(String.valueOf(file.getFileName())));
            assertEquals(new TreeSet<>(UiFiles.NAMES), found);
        }
    }

    @Test
    void whatAFileRefersToIsServedFromHere() throws Exception {
        for (String name : UiFiles.NAMES) {
            for (MatchResult found :
                    REFERENCE.matcher(get(path(name)).body()).results().toList()) {
                assertTrue(UiFiles.NAMES.contains(found.group(2)), name + " refers to " + found.group());
            }
        }
    }

    @Test
    void nothingIsMadeMarkupOrCodeOrKept() throws Exception {
        Pattern forbidden = Pattern.compile(
                "innerHTML|outerHTML|insertAdjacent|document\\.write|eval\\(|Function\\(|localStorage|sessionStorage"
                        + "|document\\.cookie|\\son[a-z]+=|style=");
        for (String name : UiFiles.NAMES) {
            assertFalse(forbidden.matcher(get(path(name)).body()).find(), name);
        }
    }

    @Test
    void noPathLeadsOutOfTheFolder() throws Exception {
        for (String path : List.of(
                "/ui/version.properties",
                "/ui/%2e%2e/version.properties",
                "/ui/..%2fversion.properties",
                "/ui/..%5cversion.properties",
                "/ui/%252e%252e/version.properties",
                "/ui/index.html",
                "/ui/app.js%00",
                "/ui/..;/version.properties",
                "/ui//version.properties",
                "/ui/ui/app.js")) {
            HttpResponse<String> response = get(path);

            assertTrue(
                    response.statusCode() == 404 || response.statusCode() == 400, path + " " + response.statusCode());
            assertEquals(Problem.MEDIA_TYPE, header(response, "content-type"), path);
        }
    }
}
