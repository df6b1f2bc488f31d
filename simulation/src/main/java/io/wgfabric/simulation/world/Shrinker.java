package io.wgfabric.simulation.world;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes a failing scenario shorter: leaves out ever smaller parts of its actions for as long as it still fails (Zeller
 * and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002, reduced to complements).
 */
public final class Shrinker {
    private Shrinker() {}

    /**
     * A shorter scenario that fails too, or the same one.
     *
     * @param attempts the most runs to try
     */
    public static Scenario shrink(Scenario failing, int attempts) {
        Run first = Simulation.run(failing);
        if (first.violation() == null) {
            return failing;
        }
        List<Action> left = failing.actions().subList(0, first.steps());
        int tried = 1;
        int part = Math.max(1, left.size() / 2);
        while (tried < attempts) {
            boolean shorter = false;
            for (int from = 0; from < left.size() && tried < attempts; from += part) {
                List<Action> rest = new ArrayList<>(left.subList(0, from));
                rest.addAll(left.subList(Math.min(left.size(), from + part), left.size()));
                tried++;
                Run run = Simulation.run(failing.with(rest));
                if (run.violation() != null) {
                    left = rest.subList(0, Math.min(rest.size(), run.steps()));
                    from -= part;
                    shorter = true;
                }
            }
            if (part == 1 && !shorter) {
                break;
            }
            part = Math.max(1, part / 2);
        }
        return failing.with(left);
    }
}
