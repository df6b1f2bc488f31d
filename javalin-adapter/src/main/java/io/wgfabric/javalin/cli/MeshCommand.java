package io.wgfabric.javalin.cli;

import io.wgfabric.api.Topology;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;

/** {@code fabric mesh}: what is wanted of the mesh as a whole. */
@Command(
        name = "mesh",
        description = "Show and change the topology, how often keys are rotated unasked, and pre-shared keys.",
        subcommands = {MeshCommand.Show.class, MeshCommand.Change.class},
        footerHeading = "%nExamples:%n",
        footer = {"  fabric mesh show", "  fabric mesh set --rotate-every 30d"})
final class MeshCommand {
    private static final String PATH = "/v1/mesh";

    /** Takes {@code mesh} or {@code hub}. */
    static final class TopologyParser implements ITypeConverter<Topology> {
        @Override
        public Topology convert(String text) {
            try {
                return Topology.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Takes a time, or {@code never}. */
    static final class AgeParser implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) throws Exception {
            return text.equals("never") ? Duration.ZERO : new Times.Parser().convert(text);
        }
    }

    /** No truth value, which picocli takes for an option without one. */
    private enum Switch {
        ON,
        OFF
    }

    /** Takes {@code on} or {@code off}. */
    static final class SwitchParser implements ITypeConverter<Switch> {
        @Override
        public Switch convert(String text) {
            return switch (text) {
                case "on" -> Switch.ON;
                case "off" -> Switch.OFF;
                default -> throw new TypeConversionException("it is on or off");
            };
        }
    }

    @Command(
            name = "show",
            description = "Show the topology, its hubs, how often keys are rotated unasked, and pre-shared keys.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric mesh show -o json")
    static final class Show implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Override
        public Integer call() throws IOException {
            JsonNode mesh = managers.call("GET", PATH, null);
            printer.print(mesh, () -> text(mesh));
            return 0;
        }
    }

    @Command(
            name = "set",
            description = "Change it; what is left out stays as it is. Tunnels that both sides keep are not touched.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  fabric mesh set --topology hub         peers talk through the hubs",
                "  fabric mesh set --rotate-every 30d     each node gets new keys once a month",
                "  fabric mesh set --rotate-every never",
                "  fabric mesh set --pre-shared-keys on   as nodes get new keys",
            })
    static final class Change implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Option(
                names = "--topology",
                paramLabel = "mesh|hub",
                converter = TopologyParser.class,
                description = "Who has a tunnel with whom: each with each, or all with the hubs.")
        private @Nullable Topology topology;

        @Option(
                names = "--rotate-every",
                paramLabel = "TIME",
                converter = AgeParser.class,
                description = "Rotate the keys of a node once they are so old, such as 12h or 30d; or never.")
        private @Nullable Duration rotateEvery;

        @Option(
                names = "--pre-shared-keys",
                paramLabel = "on|off",
                converter = SwitchParser.class,
                description = "Give each pair a pre-shared key, too. Every agent has to be of this version or newer.")
        private @Nullable Switch presharedKeys;

        @Override
        public Integer call() throws IOException {
            boolean policy = topology != null || rotateEvery != null;
            Map<String, Object> preshared = presharedKeys == null ? null : Map.of("on", presharedKeys == Switch.ON);
            if (policy && preshared != null) {
                var unused = setPolicy();
            }
            JsonNode mesh = preshared == null ? setPolicy() : managers.call("PUT", PATH + "/preshared-keys", preshared);
            printer.print(mesh, () -> text(mesh));
            return 0;
        }

        private JsonNode setPolicy() throws IOException {
            JsonNode before = managers.call("GET", PATH, null);
            Map<String, Object> wanted = new LinkedHashMap<>();
            wanted.put("topology", topology == null ? before.path("topology").asString() : topology.text());
            JsonNode age = before.path("rotateEverySeconds");
            long seconds = rotateEvery == null ? age.asLong(0) : rotateEvery.toSeconds();
            if (seconds > 0) {
                wanted.put("rotateEverySeconds", seconds);
            }
            return managers.call("PUT", PATH, wanted);
        }
    }

    private static String text(JsonNode mesh) {
        JsonNode seconds = mesh.path("rotateEverySeconds");
        long waiting = mesh.path("toBeRotated").asLong();
        return "Topology      " + mesh.path("topology").asString() + '\n'
                + "Hubs          " + Cells.joined(mesh.path("hubs")) + '\n'
                + "Keys rotated  "
                + (seconds.isMissingNode()
                        ? "when asked for"
                        : "after " + Times.text(Duration.ofSeconds(seconds.asLong())))
                + '\n'
                + "Pre-shared    " + (mesh.path("presharedKeys").asBoolean() ? "on" : "off")
                + (waiting == 0 ? "" : ", " + waiting + " nodes have yet to get keys for it")
                + '\n';
    }
}
