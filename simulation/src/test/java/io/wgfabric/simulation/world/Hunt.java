package io.wgfabric.simulation.world;

import java.util.function.Function;

/** Looks for a seed that shows a broken rule. Made by name in a class loader of its own, so it speaks of the JDK's types only. */
public final class Hunt implements Function<long[], String> {

    /** @param range the first seed, how many, and whether whole fabrics (1) or not (0) */
    @Override
    public String apply(long[] range) {
        for (long seed = range[0]; seed < range[0] + range[1]; seed++) {
            Run run = Simulation.run(Scenario.of(seed, range[2] == 1));
            Throwable violation = run.violation();
            if (violation != null) {
                return seed + " is the first seed that shows it: " + violation.getMessage();
            }
        }
        return "";
    }
}
