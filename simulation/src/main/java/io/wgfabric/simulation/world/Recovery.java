package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.raft.RaftCore;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The end of a run: everything works again, and within bounded time there is one leader, a new command is committed,
 * all members have the same state, and all agents the newest configuration.
 */
final class Recovery {
    private static final int ROUND_MILLIS = 7;
    private static final int ROUNDS = 3_000;

    private final World world;
    private final SplittableRandom dice = new SplittableRandom(1);
    private final Set<String> everybody = new TreeSet<>();

    Recovery(World world) {
        this.world = world;
    }

    void await() {
        world.network().heal();
        for (SimulatedMember member : world.members()) {
            member.disk().failIn(0);
            member.start(0, dice);
            everybody.add(member.id());
        }
        world.tellConnected();
        long goal = -1;
        for (int round = 0; round < ROUNDS && (round % 64 != 0 || world.canRecover()); round++) {
            world.pass(ROUND_MILLIS);
            goal = round(round, goal);
            if (goal >= 0 && isSettled(goal) && world.fabric().agents().areCurrent()) {
                world.clients().finish();
                if (world.profile().whole()) {
                    world.fabric().finish(world);
                }
                return;
            }
        }
        if (!world.canRecover()) {
            return;
        }
        throw new Violation("no progress after all was well again:" + world.describe());
    }

    /** Lets everybody run; once there is a leader it gets a command, and what is committed with it is the goal. */
    private long round(int number, long before) {
        for (SimulatedMember member : world.members()) {
            member.run(0, dice, process -> {
                process.requests().tick();
                for (int i = 0; i < 12; i++) {
                    SimulatedNetwork.Flying flying = world.network().take(member.id(), everybody, dice, false, false);
                    if (flying != null) {
                        process.receive(flying);
                    }
                }
                process.step();
                process.apply();
                process.write();
            });
        }
        world.clients().settle();
        world.fabric().agents().round(world, dice);
        SimulatedMember leader = world.leader();
        SimulatedProcess leading = leader == null ? null : leader.process();
        if (leader == null || leading == null || !leading.isEstablished() || (before >= 0 && number % 100 != 99)) {
            return before;
        }
        leader.run(0, dice, process -> world.clients().submit(leader, process, dice));
        return world.raft().highest() + 1;
    }

    private boolean isSettled(long goal) {
        if (world.raft().highest() < goal) {
            return false;
        }
        int leaders = 0;
        @Nullable Long digest = null;
        for (SimulatedMember member : world.members()) {
            SimulatedProcess process = member.process();
            if (process == null) {
                if (member.isLost()) {
                    continue;
                }
                return false;
            }
            leaders += process.core().role() == RaftCore.Role.LEADER ? 1 : 0;
            if (process.applier().applied() < world.raft().highest()) {
                return false;
            }
            if (digest != null && digest != process.replica().digest()) {
                throw new Violation("members have applied the same and have different states:" + world.describe());
            }
            digest = process.replica().digest();
        }
        return leaders == 1;
    }
}
