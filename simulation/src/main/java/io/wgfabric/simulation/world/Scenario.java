package io.wgfabric.simulation.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** All that decides a run, made of one seed before it begins. */
public record Scenario(long seed, Profile profile, List<Action> actions) {

    /** One seed in so many has a whole fabric in it, the others a state that is a hash. */
    public static final int WHOLE_RARITY = 10;

    /** How many things happen. */
    public static final int ACTIONS = 500;

    public Scenario {
        actions = List.copyOf(actions);
    }

    public static Scenario of(long seed) {
        return of(seed, isWhole(seed));
    }

    static boolean isWhole(long seed) {
        return seed % WHOLE_RARITY == 0;
    }

    /** @param whole whether a whole fabric is in it */
    public static Scenario of(long seed, boolean whole) {
        return of(seed, whole, ACTIONS);
    }

    /** @param count how many things happen: with fewer, the first of them */
    public static Scenario of(long seed, boolean whole, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        Profile profile = Profile.of(whole, random);
        int sum = 0;
        for (int weight : profile.weights().values()) {
            sum += weight;
        }
        List<Action> actions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            actions.add(new Action(kind(profile, random.nextInt(sum)), random.nextLong()));
        }
        return new Scenario(seed, profile, actions);
    }

    private static Action.Kind kind(Profile profile, int dice) {
        int left = dice;
        for (Map.Entry<Action.Kind, Integer> each : profile.weights().entrySet()) {
            left -= each.getValue();
            if (left < 0) {
                return each.getKey();
            }
        }
        throw new IllegalArgumentException("the dice show more than the weights");
    }

    /** The same world with fewer or other things happening in it. */
    Scenario with(List<Action> others) {
        return new Scenario(seed, profile, others);
    }
}
