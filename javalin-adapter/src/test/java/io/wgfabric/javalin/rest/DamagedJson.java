package io.wgfabric.javalin.rest;

import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A JSON text in which something is not as it should be. */
final class DamagedJson {
    private static final Pattern PART =
            Pattern.compile("\"(?:[^\"\\\\]++|\\\\.)*+\"|-?[0-9]+|true|false|null|[{}\\[\\],:]");

    /** What stands in for a value, a name or a mark. */
    private static final List<String> MORSELS = List.of(
            "null",
            "true",
            "-1",
            "1.5",
            "1e999999999",
            "9223372036854775808",
            "2147483648",
            "\"\"",
            "\" \"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\u202e\u0661\"",
            "\"" + "A".repeat(3_000) + "\"",
            "\"../../etc/passwd\"",
            "[]",
            "[null]",
            "{}",
            "{\"a\":1}",
            "[".repeat(100),
            "{\"a\":".repeat(100),
            "}",
            ",",
            "",
            "\"unknown\":1");

    private DamagedJson() {}

    /** One to three damages, one after the other. */
    static String of(Random random, String sound) {
        String damaged = sound;
        for (int i = random.nextInt(3); i >= 0; i--) {
            damaged = once(random, damaged);
        }
        return damaged;
    }

    private static String once(Random random, String text) {
        String morsel = MORSELS.get(random.nextInt(MORSELS.size()));
        if (text.isEmpty() || random.nextInt(10) == 0) {
            return morsel;
        }
        if (random.nextInt(4) == 0) {
            int at = random.nextInt(text.length());
            return switch (random.nextInt(3)) {
                case 0 -> text.substring(0, at);
                case 1 -> text.substring(0, at) + (char) (33 + random.nextInt(90)) + text.substring(at + 1);
                default -> text.substring(0, at) + text.substring(random.nextInt(at + 1));
            };
        }
        List<MatchResult> parts = PART.matcher(text).results().toList();
        if (parts.isEmpty()) {
            return text + morsel;
        }
        MatchResult part = parts.get(random.nextInt(parts.size()));
        return text.substring(0, part.start()) + morsel + text.substring(part.end());
    }
}
