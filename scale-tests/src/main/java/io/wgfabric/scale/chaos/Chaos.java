package io.wgfabric.scale.chaos;

import java.time.Duration;
import java.util.Random;

/** The suites by hand: {@code everything MANAGERS SECONDS [SEED]} {@code kill-all MANAGERS ROUNDS
 * [SEED]}, {@code disks 3 1 [SEED]}, {@code blackhole 3 1 [SEED]}. */
public final class Chaos {
    private Chaos() {}

    public static void main(String[] arguments) throws InterruptedException {
        int managers = Integer.parseInt(arguments[1]);
        int amount = Integer.parseInt(arguments[2]);
        long seed = arguments.length > 3 ? Long.parseLong(arguments[3]) : new Random().nextInt(1_000_000);
        if (arguments[0].equals("kill-all")) {
            Suites.killAll(managers, amount, seed);
        } else if (arguments[0].equals("blackhole")) {
            Suites.blackhole(seed);
        } else if (arguments[0].equals("disks")) {
            Suites.disks(seed);
        } else {
            Suites.everything(managers, Duration.ofSeconds(amount), seed);
        }
    }
}
