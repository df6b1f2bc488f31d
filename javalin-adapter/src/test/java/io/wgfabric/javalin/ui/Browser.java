package io.wgfabric.javalin.ui;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The machine's own Chromium without a window, driven by Playwright with the machine's own node: what Playwright would
 * bring or fetch of the two is 200 MB each. It needs Debian's packages {@code chromium} and {@code nodejs}.
 */
final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path NODE = Path.of("/usr/bin/node");
    private static final Path DRIVER = Path.of("target", "playwright");
    private static final String IN_JAR = "/driver/package";
    private static final int WIDTH = 1280;
    private static final int HEIGHT = 900;

    /** Of a machine that has other things to do. */
    private static final double PATIENCE_MILLIS = 60_000;

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser chromium;

    /** What the browser complained of: refused by the policy, not caught by a script, not found. */
    private final List<String> complaints = new ArrayList<>();

    /** How a page is looked at. */
    record Look(int width, int height, boolean dark) {
        static final Look LIGHT = new Look(WIDTH, HEIGHT, false);
        static final Look DARK = new Look(WIDTH, HEIGHT, true);
        static final Look PHONE = new Look(390, 844, false);
    }

    Browser() {
        for (Path program : List.of(CHROMIUM, NODE)) {
            if (!Files.isExecutable(program)) {
                throw new AssertionError("this check needs the program " + program);
            }
        }
        unpackDriver();
        System.setProperty("playwright.cli.dir", DRIVER.toAbsolutePath().toString());
        playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_NODEJS_PATH", NODE.toString(), "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        chromium = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setHeadless(true));
    }

    private static void unpackDriver() {
        try {
            URI found = Objects.requireNonNull(Playwright.class.getResource(IN_JAR + "/cli.js"), "Playwright's driver")
                    .toURI();
            try (FileSystem jar = FileSystems.newFileSystem(found, Map.of());
                    Stream<Path> files = Files.walk(jar.getPath(IN_JAR))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path copy = DRIVER.resolve("package")
                            .resolve(jar.getPath(IN_JAR).relativize(file).toString());
                    Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new one, of a browser that has seen nothing yet. */
    Page page(Look look) {
        BrowserContext context = chromium.newContext(new com.microsoft.playwright.Browser.NewContextOptions()
                // The authority is the cluster's own.
                .setIgnoreHTTPSErrors(true)
                .setPermissions(List.of("clipboard-read", "clipboard-write"))
                .setColorScheme(look.dark() ? ColorScheme.DARK : ColorScheme.LIGHT)
                .setViewportSize(look.width(), look.height()));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        // In every page from its beginning on: the page's own policy lets no script in later.
        context.addInitScript(axe());
        Page page = context.newPage();
        page.onConsoleMessage(this::heard);
        page.onPageError(error -> complaints.add(error));
        return page;
    }

    /** Who is not signed in is told so with 401, and the browser writes that down by itself. */
    private void heard(ConsoleMessage message) {
        boolean wrong = message.type().equals("error") || message.type().equals("warning");
        boolean refusal = message.text().startsWith("Failed to load resource")
                && message.text().contains("401")
                && message.location().contains("/v1/session");
        if (wrong && !refusal) {
            complaints.add(message.text() + " at " + message.location());
        }
    }

    List<String> complaints() {
        return List.copyOf(complaints);
    }

    private static String axe() {
        try (InputStream script =
                Objects.requireNonNull(Browser.class.getResourceAsStream("/axe.min.js"), "axe-core")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What axe-core finds in a page that is serious or critical, one line each. */
    static List<String> findings(Page page) {
        Object found = page.evaluate("""
                async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
                  .filter((each) => ["serious", "critical"].includes(each.impact))
                  .flatMap((each) => each.nodes.map((node) => `${each.id} (${each.impact}): ${node.html.slice(0, 200)}: ${node.failureSummary}`))
                """);
        return ((List<?>) found).stream().map(String::valueOf).toList();
    }

    @Override
    public void close() {
        chromium.close();
        playwright.close();
    }
}
