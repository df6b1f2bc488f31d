package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.raft.Settings;
import io.wgfabric.jgroups.stack.SnapshotPolicy;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a world is like: each seed has its own mixture, since different mistakes show in different ones.
 *
 * @param whole whether the state is a fabric with agents; otherwise commands are a few bytes and the state is a hash
 * @param weights how often each kind of action happens, in parts of their sum
 * @param pace milliseconds that pass before an action, at most
 * @param crashRarity one step in so many ends its process in the midst
 * @param lossRarity one message in so many is lost, and one comes twice
 * @param shuffleRarity one message in so many overtakes others
 */
public record Profile(
        boolean whole,
        int members,
        int founders,
        Settings settings,
        SnapshotPolicy snapshots,
        long segmentBytes,
        int chunkBytes,
        Map<Action.Kind, Integer> weights,
        int pace,
        int crashRarity,
        int lossRarity,
        int shuffleRarity) {

    static Profile of(boolean whole, SplittableRandom random) {
        int members = 3 + random.nextInt(3);
        int founders = random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 3 + random.nextInt(members - 2);
        Settings settings = new Settings(
                100,
                20,
                random.nextBoolean() ? 1 : 2 + random.nextInt(4),
                whole ? 4_000 : 200 + random.nextInt(300),
                3,
                100_000,
                1 << 20);
        SnapshotPolicy snapshots =
                new SnapshotPolicy(4 + random.nextInt(60), 1 << 20, random.nextBoolean() ? 0 : random.nextInt(12));
        Map<Action.Kind, Integer> weights = new EnumMap<>(Action.Kind.class);
        weights.put(Action.Kind.DELIVER, 300);
        weights.put(Action.Kind.TICK, 90);
        weights.put(Action.Kind.SUBMIT, whole ? 60 : 40 + random.nextInt(80));
        weights.put(Action.Kind.READ, 25);
        weights.put(Action.Kind.CHANGE, random.nextInt(30));
        weights.put(Action.Kind.SNAPSHOT, random.nextInt(12));
        weights.put(Action.Kind.TRANSFER, random.nextInt(6));
        weights.put(Action.Kind.CRASH, random.nextInt(20));
        weights.put(Action.Kind.START, 25);
        weights.put(Action.Kind.CUT, random.nextInt(12));
        weights.put(Action.Kind.HEAL, 6);
        weights.put(Action.Kind.DISK_ERROR, random.nextInt(6));
        weights.put(Action.Kind.REPLACE, random.nextInt(3));
        weights.put(Action.Kind.ELECT, 8 + random.nextInt(40));
        weights.put(Action.Kind.LONE_LEADER, random.nextInt(30));
        weights.put(Action.Kind.AGENT, whole ? 80 : 0);
        return new Profile(
                whole,
                members,
                founders,
                settings,
                snapshots,
                400 + random.nextInt(8_000),
                whole ? 2_000 : 3 + random.nextInt(40),
                weights,
                2 + random.nextInt(14),
                10 + random.nextInt(120),
                6 + random.nextInt(60),
                2 + random.nextInt(8));
    }
}
