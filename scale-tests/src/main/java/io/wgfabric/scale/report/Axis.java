package io.wgfabric.scale.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A linear scale from zero, which ends at a round number.
 *
 * @param end of the scale, a multiple of the step
 */
record Axis(double end, double step) {
    private static final double TEN = 10;
    private static final double[] ROUND = {1, 2, 2.5, 5, TEN};

    /**
     * @param largest what must fit; zero is shown as a scale to one
     * @param ticks how many there may be at most, beside zero
     */
    static Axis to(double largest, int ticks) {
        double span = largest > 0 ? largest : 1;
        double magnitude = Math.pow(TEN, Math.floor(Math.log10(span / ticks)));
        for (double round : ROUND) {
            double step = round * magnitude;
            double end = Math.ceil(span / step - 1e-9) * step;
            if (end / step <= ticks + 1e-9) {
                return new Axis(end, step);
            }
        }
        return new Axis(span, span);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i * step <= end * (1 + 1e-9); i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    /** With as many digits behind the point as the step needs. */
    String label(double tick) {
        int digits = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
        boolean half = Math.abs(step * Math.pow(TEN, digits) - Math.rint(step * Math.pow(TEN, digits))) > 1e-6;
        return String.format(Locale.ROOT, "%,." + (half ? digits + 1 : digits) + "f", tick);
    }

    /** Where a value lies, from 0 to 1. */
    double at(double value) {
        return value / end;
    }
}
