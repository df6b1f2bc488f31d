package io.wgfabric.javalin.ui;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.LoadState;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.wire.PairReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page for those who have no mouse or see it otherwise: by the rules of axe-core, and by the keyboard alone. */
@Timeout(300)
class AccessibilityCheck {
    private static final double PATIENCE_MILLIS = 60_000;
    private static final int MOST_TABS = 40;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path root;

    @SuppressWarnings("NullAway.Init")
    private static Fixture fabric;

    @BeforeAll
    static void start() throws Exception {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        fabric = new Fixture(
                root,
                1,
                (name, self, other, id) -> PairReport.direct(id, other.equals("p3") || name.equals("p3") ? null : 90L));
        for (int number = 1; number <= 4; number++) {
            fabric.nodes.join("p" + number, fabric.token(1));
        }
        fabric.submit(new io.wgfabric.api.Command.QuarantineNode(
                fabric.managers.get(0).fabric().view().nodes().stream()
                        .filter(node -> node.name().text().equals("p4"))
                        .findFirst()
                        .orElseThrow()
                        .id(),
                "lost",
                null));
    }

    @AfterAll
    static void stop() {
        fabric.close();
    }

    private static void look(Browser.Look look) {
        try (Browser browser = new Browser()) {
            List<String> found = new ArrayList<>();
            Page page = Pages.open(browser, look, fabric.port());
            found.addAll(Browser.findings(page));
            Pages.signIn(page, fabric.admin());
            for (String view : Pages.VIEWS) {
                Pages.go(page, view);
                assertThat(page.locator("main table").first()).isVisible();
                page.waitForLoadState(LoadState.NETWORKIDLE);
                Browser.findings(page).forEach(finding -> found.add(view + ": " + finding));
            }
            Pages.go(page, "Nodes");
            Pages.row(page, "p1").getByRole(AriaRole.BUTTON).first().click();
            Browser.findings(page).forEach(finding -> found.add("dialog: " + finding));
            assertEquals(List.of(), found);
            assertEquals(List.of(), browser.complaints());
        }
    }

    @Test
    void nothingSeriousIsFoundByDay() {
        look(Browser.Look.LIGHT);
    }

    @Test
    void nothingSeriousIsFoundByNight() {
        look(Browser.Look.DARK);
    }

    @Test
    void nothingSeriousIsFoundOnAPhone() {
        look(Browser.Look.PHONE);
    }

    /** Else nothing found would say nothing. */
    @Test
    void whatIsPlantedIsFound() {
        try (Browser browser = new Browser()) {
            Page page = Pages.open(browser, Browser.Look.LIGHT, fabric.port());
            page.evaluate("() => document.querySelector('main').append(document.createElement('img'))");
            List<String> found = Browser.findings(page);
            assertEquals(1, found.size(), found.toString());
            assertTrue(found.get(0).startsWith("image-alt (critical)"), found.toString());

            page.evaluate("""
                    () => { const script = document.createElement("script"); script.textContent = "1"; document.body.append(script); }
                    """);
            page.waitForCondition(() -> !browser.complaints().isEmpty());
            assertTrue(
                    browser.complaints().get(0).contains("Content Security Policy"),
                    browser.complaints().get(0));
        }
    }

    /** Presses Tab until something has the focus. */
    private static void tabTo(Page page, String selector) {
        for (int i = 0; i < MOST_TABS; i++) {
            page.keyboard().press("Tab");
            if (page.locator(selector).and(page.locator(":focus")).count() == 1) {
                return;
            }
        }
        throw new AssertionError("Tab does not lead to " + selector);
    }

    @Test
    void keyboardAloneSignsInCreatesATokenAndReadsThePairs() throws Exception {
        try (Browser browser = new Browser()) {
            Page page = Pages.open(browser, Browser.Look.LIGHT, fabric.port());
            assertThat(page.getByLabel("or the credential in it")).isFocused();
            page.keyboard()
                    .insertText(Json.mapper()
                            .readTree(Files.readString(fabric.admin()))
                            .path("credential")
                            .asString(""));
            page.keyboard().press("Enter");
            assertThat(Pages.heading(page, "Overview")).isVisible();

            tabTo(page, "nav a[href='#tokens']");
            page.keyboard().press("Enter");
            assertThat(Pages.heading(page, "Tokens")).isVisible();
            tabTo(page, "#tags");
            page.keyboard().type("by-keyboard");
            page.keyboard().press("Enter");
            assertThat(page.locator(".joinline")).hasText(Pattern.compile("fabric peer join --token \\S{100,}"));
            assertThat(Pages.button(page, "Copy")).isFocused();
            page.keyboard().press("Tab");
            page.keyboard().press("Enter");
            assertThat(page.locator(".joinline")).hasCount(0);

            page.keyboard().press("Shift+Tab");
            tabTo(page, "nav a[href='#mesh']");
            page.keyboard().press("Enter");
            assertThat(page.locator("svg.mesh")).isVisible();
            tabTo(page, "svg.mesh [role=button]");
            page.keyboard().press("ArrowRight");
            page.keyboard().press("Enter");
            assertThat(page.locator("svg.mesh [aria-pressed=true]")).isFocused();
            page.keyboard().press("Escape");
            assertThat(page.locator("svg.mesh [aria-pressed=true]")).hasCount(0);
            assertTrue(page.locator("svg.mesh [role=button]").count() >= 4);
            assertEquals(List.of(), browser.complaints());
        }
    }
}
