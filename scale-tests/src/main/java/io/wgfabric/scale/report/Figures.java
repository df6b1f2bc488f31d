package io.wgfabric.scale.report;

import java.util.Locale;

/** Numbers as people read them: three digits, and the unit that fits. */
final class Figures {
    private static final double MICROS_PER_MILLI = 1e3;
    private static final double MICROS_PER_SECOND = 1e6;

    /** What is shown as 100, and as 10.0. */
    private static final double HUNDRED = 99.95;

    private static final double TEN = 9.995;

    /** A unit of time for a whole axis. */
    enum TimeUnit {
        MICROS("µs", 1),
        MILLIS("ms", MICROS_PER_MILLI),
        SECONDS("s", MICROS_PER_SECOND);

        private final String text;
        private final double micros;

        TimeUnit(String text, double micros) {
            this.text = text;
            this.micros = micros;
        }

        static TimeUnit of(double micros) {
            if (micros < MICROS_PER_MILLI) {
                return MICROS;
            }
            return micros < MICROS_PER_SECOND ? MILLIS : SECONDS;
        }

        String text() {
            return text;
        }

        double micros() {
            return micros;
        }
    }

    private Figures() {}

    static String time(double micros) {
        TimeUnit unit = TimeUnit.of(micros);
        return number(micros / unit.micros()) + " " + unit.text();
    }

    /** Whole from 100 on, with groups of thousands; below that so many digits that three are shown. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size >= HUNDRED || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= TEN ? "%.1f" : "%.2f", value);
    }

    /** To thousandths: what a computer's clock says beyond them is noise. */
    static double rounded(double value) {
        return Math.rint(value * MICROS_PER_MILLI) / MICROS_PER_MILLI;
    }
}
