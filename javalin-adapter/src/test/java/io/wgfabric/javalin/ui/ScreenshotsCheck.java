package io.wgfabric.javalin.ui;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.LoadState;
import io.wgfabric.api.Command;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.core.wire.PairReport;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes the pictures of {@code docs/WEB.md} and sees that they are small; {@code -Dui.screenshots=FOLDER} says where to
 * put them. Managers and nodes are real but for their interfaces, see {@link Fixture}.
 */
@Timeout(600)
class ScreenshotsCheck {
    private static final Path FOLDER = Path.of(System.getProperty("ui.screenshots", "target/screenshots"));
    private static final long MOST_BYTES = 150 * 1024;
    private static final double PATIENCE_MILLIS = 90_000;
    private static final int COLOURS = 256;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @BeforeAll
    static void prepare() throws IOException {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        Files.createDirectories(FOLDER);
    }

    private static void take(Page page, String name) throws IOException {
        page.waitForLoadState(LoadState.NETWORKIDLE);
        assertThat(page.locator("#messages")).isEmpty();
        Path picture = FOLDER.resolve(name + ".png");
        write(ImageIO.read(new ByteArrayInputStream(page.screenshot())), picture);
        long bytes = Files.size(picture);
        assertTrue(bytes <= MOST_BYTES, () -> picture + " has " + bytes + " bytes");
    }

    /** With the colours that it has most of, and packed as well as the format can; the browser packs fast. */
    private static void write(BufferedImage image, Path picture) throws IOException {
        BufferedImage indexed =
                new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_BYTE_INDEXED, palette(image));
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                indexed.setRGB(x, y, image.getRGB(x, y));
            }
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ImageWriteParam packing = writer.getDefaultWriteParam();
        packing.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        packing.setCompressionQuality(0);
        try (ImageOutputStream out = ImageIO.createImageOutputStream(Files.newOutputStream(picture))) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(indexed, null, null), packing);
        } finally {
            writer.dispose();
        }
    }

    /** The colours that there are most of; the edges of letters have the others, and get the nearest of these. */
    private static IndexColorModel palette(BufferedImage image) {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (int rgb : image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth())) {
            counts.merge(rgb & 0xffffff, 1, Integer::sum);
        }
        int[] colours = counts.entrySet().stream()
                .sorted(Map.Entry.<Integer, Integer>comparingByValue().reversed())
                .limit(COLOURS)
                .mapToInt(Map.Entry::getKey)
                .toArray();
        return new IndexColorModel(8, colours.length, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
    }

    /** As a mesh is with two offices behind NATs: the nodes of one reach those of the other through a manager. */
    private static PairReport say(String name, String other, NodeId otherId, NodeId relay) {
        boolean manager = name.startsWith("m") || other.startsWith("m");
        boolean apart = name.startsWith("berlin") != other.startsWith("berlin");
        long mixed = mixed(name.compareTo(other) < 0 ? name + other : other + name);
        if (!manager && apart && Math.floorMod(mixed, 5) != 0) {
            return PairReport.relayed(otherId, relay);
        }
        return PairReport.direct(otherId, Math.floorMod(mixed >>> 8, 125L));
    }

    /** Of each text another number. */
    private static long mixed(String text) {
        long mixed = text.hashCode() * 0x9E3779B97F4A7C15L;
        return ((mixed ^ (mixed >>> 29)) * 0xBF58476D1CE4E5B9L) >>> 4;
    }

    private static NodeId relay(Fixture fabric) {
        return fabric.managers.get(0).self().id();
    }

    private Fixture fabric(String name, int managers) throws IOException {
        Fixture[] made = new Fixture[1];
        made[0] = new Fixture(
                Files.createDirectory(root.resolve(name)),
                managers,
                (self, selfId, other, otherId) ->
                        made[0] == null ? PairReport.direct(otherId, 1L) : say(self, other, otherId, relay(made[0])));
        return made[0];
    }

    private static NodeId named(Fixture fabric, String name) {
        return fabric.managers
                .get(0)
                .fabric()
                .view()
                .node(new NodeName(name))
                .map(Node::id)
                .orElseThrow();
    }

    @Test
    void fewNodes() throws Exception {
        try (Browser browser = new Browser();
                Fixture fabric = fabric("few", 3)) {
            Page page = Pages.signIn(browser, Browser.Look.LIGHT, fabric.port(), fabric.admin());
            assertThat(page.locator("main")).containsText("All managers and nodes are well");
            take(page, "empty");
            for (String name : List.of("berlin-1", "berlin-2", "paris-1")) {
                fabric.nodes.join(name, fabric.token(1));
            }
            Pages.go(page, "Mesh");
            assertThat(page.locator("line.pair.direct, line.pair.relayed")).hasCount(15);
            take(page, "mesh-6");
            page.getByLabel("Pairs of").selectOption("paris-1");
            take(page, "mesh-6-chosen");
            Page dark = Pages.signIn(browser, Browser.Look.DARK, fabric.port(), fabric.admin());
            Pages.go(dark, "Mesh");
            assertThat(dark.locator("line.pair.direct, line.pair.relayed")).hasCount(15);
            take(dark, "dark");
            Page phone = Pages.signIn(browser, Browser.Look.PHONE, fabric.port(), fabric.admin());
            Pages.go(phone, "Mesh");
            assertThat(phone.locator("line.pair.direct, line.pair.relayed")).hasCount(15);
            take(phone, "phone-mesh");
            Pages.go(phone, "Nodes");
            assertThat(phone.locator("tbody tr")).hasCount(6);
            take(phone, "phone-nodes");

            Pages.go(page, "Tokens");
            page.getByLabel("Tags, by commas").fill("office");
            Pages.button(page, "Create token").click();
            assertThat(page.locator(".joinline")).isVisible();
            take(page, "token");
            fabric.submit(new Command.QuarantineNode(named(fabric, "berlin-2"), "lost laptop", null));
            Pages.go(page, "Nodes");
            assertThat(Pages.row(page, "lost laptop")).containsText("quarantined");
            take(page, "quarantined");
            Pages.go(page, "Overview");
            fabric.managers.get(2).close();
            assertThat(Pages.row(page, "m3").first()).containsText("unreachable");
            assertThat(Pages.row(page, "m3").first()).containsText("offline");
            take(page, "dead-manager");
            assertEquals(List.of(), browser.complaints());
        }
    }

    /** Too long for a test that runs each time: a hundred nodes are spoken for by one thread of the test. */
    @Test
    @EnabledIfSystemProperty(
            named = "ui.screenshots",
            matches = ".+",
            disabledReason = "the pictures of a hundred nodes are taken with -Dui.screenshots=FOLDER alone")
    void hundredNodes() throws Exception {
        try (Browser browser = new Browser();
                Fixture fabric = fabric("many", 3)) {
            String token = fabric.token(97);
            for (int number = 1; number <= 97; number++) {
                fabric.nodes.join((number <= 60 ? "berlin-" : "paris-") + number, token);
            }
            fabric.nodes.silence("berlin-7");
            Page page = Pages.signIn(browser, Browser.Look.LIGHT, fabric.port(), fabric.admin());
            assertThat(page.locator("main")).containsText("1 offline");
            take(page, "overview-100");
            Pages.go(page, "Mesh");
            page.waitForCondition(
                    () -> page.locator(".cell.unknown").count() == 0
                            && page.locator(".cell.relayed").count() == 1,
                    new Page.WaitForConditionOptions().setTimeout(PATIENCE_MILLIS));
            page.setViewportSize(1280, 1060);
            take(page, "mesh-100");
            assertThat(page.locator("main")).not().containsText("null");
            assertEquals(List.of(), browser.complaints());
        }
    }
}
