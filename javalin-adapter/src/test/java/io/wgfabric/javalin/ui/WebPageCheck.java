package io.wgfabric.javalin.ui;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.LoadState;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator.Access;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does at the web page, done in a real browser at real managers. */
@Timeout(300)
class WebPageCheck {
    private static final double PATIENCE_MILLIS = 60_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path root;

    @SuppressWarnings("NullAway.Init")
    private static Fixture fabric;

    @SuppressWarnings("NullAway.Init")
    private Browser browser;

    @BeforeAll
    static void start() throws Exception {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        fabric = new Fixture(root, 1);
        fabric.nodes.join("web-1", fabric.token(1));
        fabric.nodes.join("web-2", fabric.token(1));
    }

    @AfterAll
    static void stop() {
        fabric.close();
    }

    @BeforeEach
    void open() {
        browser = new Browser();
    }

    @AfterEach
    void close() {
        List<String> complaints = browser.complaints();
        browser.close();
        assertEquals(List.of(), complaints, "the browser's console");
    }

    private Page admin() {
        return Pages.signIn(browser, Browser.Look.LIGHT, fabric.port(), fabric.admin());
    }

    @Test
    void operatorSignsInWithHisFileStaysSoAfterAReloadAndSignsOut() {
        Page page = admin();
        assertThat(page.locator("#who")).containsText("(admin)");

        page.reload();
        assertThat(Pages.heading(page, "Overview")).isVisible();
        Pages.button(page, "Sign out").click();

        assertThat(Pages.heading(page, "Sign in")).isVisible();
        assertThat(page.locator("#views")).isHidden();
        page.reload();
        assertThat(Pages.heading(page, "Sign in")).isVisible();
        assertEquals(List.of(), page.context().cookies());
    }

    @Test
    void fileThatIsNoOperatorsAndACredentialOfNobodyAreRefusedInOneLine() throws Exception {
        Page page = Pages.open(browser, Browser.Look.LIGHT, fabric.port());
        for (String wrong : List.of("", "[]", "{\"credential\":7}", "no JSON")) {
            page.getByLabel("operator.json").setInputFiles(Files.writeString(root.resolve("wrong.json"), wrong));
            Pages.button(page, "Sign in").click();
            assertThat(page.locator("form [role=alert]")).hasText("this is no operator's file");
        }
        page.getByLabel("or the credential in it").fill("wgfop.o-0000000000007." + "A".repeat(43));
        Pages.button(page, "Sign in").click();

        assertThat(page.locator("form [role=alert]")).containsText("credential");
        assertThat(page.getByLabel("or the credential in it")).hasValue("");
        assertThat(Pages.heading(page, "Sign in")).isVisible();
    }

    @Test
    void newTokensJoinLineIsThereToCopyAndGoneAfterwards() throws Exception {
        Page page = admin();
        Pages.go(page, "Tokens");
        page.getByLabel("Uses (0: any number)").fill("1");
        page.getByLabel("Tags, by commas").fill("blue, eu-1");
        Pages.button(page, "Create token").click();
        Locator line = page.locator(".joinline");
        assertThat(line).hasText(Pattern.compile("fabric peer join --token \\S{100,}"));
        String join = line.innerText();
        String secret = join.substring(join.lastIndexOf('.') + 1);

        Pages.button(page, "Copy").click();
        assertThat(page.locator("#messages")).hasText("copied");
        assertEquals(join, page.evaluate("() => navigator.clipboard.readText()"));
        assertThat(Pages.row(page, "blue, eu-1")).containsText("0 of 1");

        Pages.go(page, "Nodes");
        Pages.go(page, "Tokens");
        assertThat(Pages.row(page, "blue, eu-1")).isVisible();
        assertFalse(page.content().contains(secret), "the secret part of the token");
        assertEquals(0, page.locator(".joinline").count());

        fabric.nodes.join("by-line-1", join.substring(join.lastIndexOf(' ') + 1));
        assertThat(Pages.row(page, "blue, eu-1")).containsText("1 of 1");
    }

    @Test
    void revokedTokenIsShownSoAndCanDoNothing() {
        Page page = admin();
        Pages.go(page, "Tokens");
        page.getByLabel("Tags, by commas").fill("short-lived");
        Pages.button(page, "Create token").click();
        assertThat(page.locator(".joinline")).isVisible();
        Locator row = Pages.row(page, "short-lived");
        row.getByRole(AriaRole.BUTTON).click();
        Pages.button(page, "Cancel").click();
        assertThat(row).containsText("valid");

        row.getByRole(AriaRole.BUTTON).click();
        page.locator("#dialog").getByRole(AriaRole.BUTTON).last().click();

        assertThat(row).containsText("revoked");
        assertThat(row.getByRole(AriaRole.BUTTON)).hasCount(0);
    }

    @Test
    void nodeIsQuarantinedWithAReasonAndReleased() {
        Page page = admin();
        Pages.go(page, "Nodes");
        Locator row = Pages.row(page, "web-1");
        assertThat(row).containsText("online");

        row.getByText("Quarantine", new Locator.GetByTextOptions().setExact(true))
                .click();
        Pages.button(page.locator("#dialog"), "Quarantine").click();
        assertThat(page.locator("#dialog")).isVisible();
        page.getByLabel("Reason").fill("lost <b>laptop</b>");
        Pages.button(page.locator("#dialog"), "Quarantine").click();

        assertThat(row).containsText("quarantined");
        assertThat(row).containsText("lost <b>laptop</b>");
        assertEquals(0, page.locator("td b").count());
        Pages.button(row, "Release").click();
        Pages.button(page.locator("#dialog"), "Release").click();
        assertThat(row).containsText("online");
    }

    @Test
    void nodeThatJoinsByAnotherClientShowsByItself() throws Exception {
        Page page = admin();
        Pages.go(page, "Nodes");
        assertThat(Pages.row(page, "web-1")).isVisible();
        page.evaluate("() => { window.notReloaded = true; }");
        assertThat(Pages.row(page, "live-1")).hasCount(0);

        fabric.nodes.join("live-1", fabric.token(1));

        assertThat(Pages.row(page, "live-1")).containsText("online");
        fabric.nodes.silence("live-1");
        assertThat(Pages.row(page, "live-1")).containsText("offline");
        assertEquals(true, page.evaluate("() => window.notReloaded"));
    }

    @Test
    void deathOfAManagerShowsByItself() throws Exception {
        try (Fixture three = new Fixture(Files.createDirectory(root.resolve("three")), 3)) {
            Page page = Pages.signIn(browser, Browser.Look.LIGHT, three.port(), three.admin());
            assertThat(Pages.row(page, "m3").first()).containsText("follower");

            three.managers.get(2).close();

            assertThat(Pages.row(page, "m3").first()).containsText("unreachable");
            assertThat(page.locator("main")).containsText("Managers that take no part in decisions: m3.");
        }
    }

    @Test
    void viewerSeesAllAndNoButtonThatHeHasNoRightTo() throws Exception {
        Page page = Pages.signIn(browser, Browser.Look.LIGHT, fabric.port(), fabric.operator(Access.VIEWER));
        assertThat(page.locator("#who")).containsText("(viewer)");
        for (String view : Pages.VIEWS) {
            Pages.go(page, view);
            page.waitForLoadState(LoadState.NETWORKIDLE);
            assertThat(page.locator("main table").first()).isVisible();
            List<String> buttons = page.locator("main button").allInnerTexts();
            assertTrue(List.of("Older", "Newer", "Newest").containsAll(buttons), view + " has " + buttons);
        }
    }

    @Test
    void meshSaysOfEachPairHowItIsReached() throws Exception {
        Page page = admin();
        Pages.go(page, "Mesh");
        Locator dot = page.locator("svg.mesh [role=button]").filter(new Locator.FilterOptions().setHasText("web-2"));
        dot.focus();
        dot.press("Enter");

        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Pairs of web-2")))
                .isVisible();
        assertThat(page.getByLabel("Pairs of").locator("option:checked")).hasText("web-2");
        Locator pair = Pages.row(page, "web-2 – web-1");
        assertThat(pair).containsText("direct");
        assertThat(pair).containsText(Pattern.compile("\\d+ s ago"));
        assertThat(page.locator("svg.mesh [role=button]").filter(new Locator.FilterOptions().setHasText("web-2")))
                .isFocused();
        assertTrue(fabric.managers
                .get(0)
                .fabric()
                .view()
                .node(new NodeName("web-2"))
                .isPresent());
    }

    /** The manager is real; that it has so many nodes is what the test answers in its place. */
    @Test
    void meshOfAThousandNodesAsksForThePairsOfTheChosenOneAlone() {
        Page page = admin();
        List<String> asked = new CopyOnWriteArrayList<>();
        page.onRequest(request -> asked.add(URI.create(request.url()).getPath()));
        page.route(
                url -> url.endsWith("/v1/nodes"),
                route -> route.fulfill(json(IntStream.range(0, 1_000)
                        .mapToObj(number ->
                                "{\"id\":\"%s\",\"name\":\"p%d\",\"status\":\"online\",\"role\":\"peer\",\"peers\":999}"
                                        .formatted(NodeId.of(number), number)))));
        page.route(
                url -> url.endsWith("/v1/nodes/" + NodeId.of(7) + "/pairs"),
                route -> route.fulfill(json(IntStream.range(0, 1_000)
                        .filter(number -> number != 7)
                        .mapToObj(number ->
                                "{\"node\":\"%s\",\"name\":\"p%d\",\"path\":\"%s\",\"via\":\"p1\",\"handshakeSeconds\":%d}"
                                        .formatted(
                                                NodeId.of(number),
                                                number,
                                                number == 8 ? "relayed" : "direct",
                                                number == 999 ? 900 : 30)))));

        Pages.go(page, "Mesh");
        assertThat(page.locator(".picture")).containsText("1000 nodes are too many for one picture");
        page.getByLabel("Pairs of").selectOption("p7");

        Locator rows = page.getByRole(AriaRole.REGION).first().locator("tbody tr");
        assertThat(rows).hasCount(150);
        assertThat(rows.first()).containsText("p7 – p999no session15 min ago");
        assertThat(rows.nth(1)).containsText("p7 – p8relayed by p1");
        assertThat(page.locator("caption").first()).containsText("849 more are left out, none of them worse");
        assertFalse(asked.contains("/v1/mesh/pairs"), asked.toString());
    }

    private static Route.FulfillOptions json(Stream<String> items) {
        return new Route.FulfillOptions()
                .setContentType("application/json")
                .setBody("{\"items\":[" + items.collect(Collectors.joining(",")) + "],\"revision\":1}");
    }
}
