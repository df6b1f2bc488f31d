package io.wgfabric.javalin.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write and read them. */
final class Times {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(s|m|h|d)");

    private Times() {}

    /** Takes {@code 90s}, {@code 15m}, {@code 1h} or {@code 7d}. */
    static final class Parser implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is not a time such as 90s, 15m, 1h or 7d");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
    }

    /** Takes a moment in ISO 8601, with its zone. */
    static final class MomentParser implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                throw new TypeConversionException("'" + text + "' is not a moment such as 2026-03-01T08:00:00Z or"
                        + " 2026-03-01T09:00:00+01:00");
            }
        }
    }

    /** The two largest units, such as {@code 2h 5m}. */
    static String text(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + "m" + rest(seconds % 60, "s");
        }
        if (seconds < 86_400) {
            return seconds / 3_600 + "h" + rest(seconds % 3_600 / 60, "m");
        }
        return seconds / 86_400 + "d" + rest(seconds % 86_400 / 3_600, "h");
    }

    private static String rest(long number, String unit) {
        return number == 0 ? "" : " " + number + unit;
    }

    /** How long ago, or in how long, an instant in text form is; a dash for none. */
    static String relative(String instant, Instant now) {
        try {
            Duration until = Duration.between(now, Instant.parse(instant));
            return until.isNegative() ? text(until.negated()) + " ago" : "in " + text(until);
        } catch (DateTimeException e) {
            return "-";
        }
    }
}
