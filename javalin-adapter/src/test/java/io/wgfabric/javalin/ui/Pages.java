package io.wgfabric.javalin.ui;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Path;

/** What people do at the page, in their words. */
final class Pages {
    static final String[] VIEWS = {"Overview", "Nodes", "Mesh", "Tokens", "Addresses", "Audit", "Metrics"};

    private Pages() {}

    static Page open(Browser browser, Browser.Look look, int port) {
        Page page = browser.page(look);
        page.navigate("https://127.0.0.1:" + port + "/ui/");
        assertThat(heading(page, "Sign in")).isVisible();
        return page;
    }

    /** @param file an operator's */
    static Page signIn(Browser browser, Browser.Look look, int port, Path file) {
        Page page = open(browser, look, port);
        signIn(page, file);
        return page;
    }

    static void signIn(Page page, Path file) {
        page.getByLabel("operator.json").setInputFiles(file);
        button(page, "Sign in").click();
        assertThat(heading(page, "Overview")).isVisible();
    }

    static void go(Page page, String view) {
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(view).setExact(true))
                .click();
        assertThat(heading(page, view)).isVisible();
    }

    static Locator heading(Page page, String text) {
        return page.getByRole(
                AriaRole.HEADING,
                new Page.GetByRoleOptions().setName(text).setExact(true).setLevel(1));
    }

    static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    static Locator button(Locator within, String name) {
        return within.getByRole(
                AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }

    /** The row of a table that says a word. */
    static Locator row(Page page, String word) {
        return page.locator("tbody tr").filter(new Locator.FilterOptions().setHasText(word));
    }
}
