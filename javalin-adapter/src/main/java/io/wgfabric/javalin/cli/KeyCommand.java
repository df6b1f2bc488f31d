package io.wgfabric.javalin.cli;

import io.wgfabric.api.SigningKey;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;

/** {@code fabric key}: what the cluster signs with. */
@Command(
        name = "key",
        description = "List and rotate the keys that sign join tokens, configurations and certificates.",
        subcommands = {KeyCommand.ListKeys.class, KeyCommand.Rotate.class, KeyCommand.Retire.class},
        footerHeading = "%nExamples:%n",
        footer = {"  fabric key list", "  fabric key rotate token"})
final class KeyCommand {

    /** Takes {@code token}, {@code config} or {@code authority}. */
    static final class KeyParser implements ITypeConverter<SigningKey> {
        @Override
        public SigningKey convert(String text) {
            try {
                return SigningKey.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the signing keys and how far their rotation is.",
            footerHeading = "%nExamples:%n",
            footer = "  fabric key list")
    static final class ListKeys implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Override
        public Integer call() throws IOException {
            JsonNode keys = managers.list("/v1/signing-keys");
            printer.print(keys, () -> table(keys));
            return 0;
        }
    }

    @Command(
            name = "rotate",
            description = "Begin to sign with a new key; the old one is retired when nothing depends on it any more.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric key rotate token", "  fabric key rotate config", "  fabric key rotate authority"})
    static final class Rotate implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Parameters(paramLabel = "KEY", converter = KeyParser.class, description = "token, config or authority.")
        private SigningKey key = SigningKey.TOKEN;

        @Override
        public Integer call() throws IOException {
            JsonNode row = managers.call("POST", "/v1/signing-keys/" + key.text() + "/rotate", null);
            printer.print(
                    row,
                    () -> "Key " + row.path("newest").asInt()
                            + " is known now and signs in a few seconds; see 'fabric key" + " list'.\n");
            return 0;
        }
    }

    @Command(
            name = "retire",
            description = "Believe nothing any more that the old key of a rotation signed, at once. With --yes also if"
                    + " nodes that still have a certificate of the old authority are shut out.",
            footerHeading = "%nExamples:%n",
            footer = {"  fabric key retire token", "  fabric key retire authority --yes"})
    static final class Retire implements Callable<Integer> {
        @Mixin
        private ClientOptions managers = new ClientOptions();

        @Mixin
        private Printer printer = new Printer();

        @Parameters(paramLabel = "KEY", converter = KeyParser.class, description = "token, config or authority.")
        private SigningKey key = SigningKey.TOKEN;

        @Mixin
        private Confirmation confirmation = new Confirmation();

        @Override
        public Integer call() throws IOException {
            JsonNode now = managers.list("/v1/signing-keys")
                    .valueStream()
                    .filter(row -> row.path("key").asString().equals(key.text()))
                    .findFirst()
                    .orElseThrow();
            int old = now.path("oldest").asInt();
            int behind = old < now.path("used").asInt() ? now.path("behind").asInt(0) : 0;
            if (behind > 0 && !confirmation.isGiven()) {
                throw new IOException(
                        "nodes that are not known to have a certificate of the new authority, and would have"
                                + " to join again: " + behind
                                + "; wait until 'fabric key list' shows 0 of them, or repeat this with --yes");
            }
            confirmation.require("Believe nothing any more that the old " + key.text() + " key signed?");
            JsonNode row =
                    managers.call("POST", "/v1/signing-keys/" + key.text() + "/retire", Map.of("generation", old));
            printer.print(row, () -> "Only key " + row.path("used").asInt() + " is believed.\n");
            return 0;
        }
    }

    private static String table(JsonNode keys) {
        Instant now = Instant.now();
        Table table = new Table("KEY", "STATE", "USED", "OLDEST", "NEWEST", "SINCE", "BEHIND");
        for (JsonNode key : keys) {
            table.row(
                    key.path("key").asString(),
                    key.path("state").asString(),
                    key.path("used").asInt(),
                    key.path("oldest").asInt(),
                    key.path("newest").asInt(),
                    key.path("newest").asInt() == 1
                            ? "-"
                            : Times.relative(key.path("since").asString(), now),
                    key.path("behind").isInt() ? key.path("behind").asString() : "-");
        }
        return table.toString();
    }
}
