package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Restored;
import java.io.IOException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A member of the world: a disk, and at times a process. */
final class SimulatedMember {

    /** Something that a process does; it may end by it. */
    interface Work {
        void run(SimulatedProcess process) throws IOException;
    }

    /** Most clocks are right; one that is slow lets its member lead on while others have long elected another. */
    private static final int[] PACES = {1, 2, 4, 8, 8, 8, 8, 8};

    private final String id;
    private final World world;
    private final boolean founder;
    private final Fuse fuse = new Fuse();
    private final SimulatedDisk disk;
    private final long seed;
    /** How fast its clock goes, in eighths: nothing that is safe may rest on clocks. */
    private final int pace;

    private Holding holding = new Holding();
    private @Nullable SimulatedProcess process;
    private @Nullable Effects unfinished;
    private boolean wasStarted;
    private boolean lost;
    private int starts;

    SimulatedMember(String id, World world, boolean founder, long seed) {
        this.id = id;
        this.world = world;
        this.founder = founder;
        this.seed = seed;
        pace = PACES[(int) (seed & 7)];
        disk = new SimulatedDisk(id, fuse, world.trace());
    }

    String id() {
        return id;
    }

    /** What its clock shows. */
    long now() {
        return world.now() * pace / 8;
    }

    long nanos() {
        return now() * 1_000_000;
    }

    boolean isFounder() {
        return founder && !wasStarted;
    }

    SimulatedDisk disk() {
        return disk;
    }

    Fuse fuse() {
        return fuse;
    }

    Holding holding() {
        return holding;
    }

    boolean isUp() {
        return process != null;
    }

    /** Effects are being carried out, or no more. */
    void begin(@Nullable Effects effects) {
        unfinished = effects;
    }

    @Nullable Effects unfinished() {
        return unfinished;
    }

    /** Whether its disk is gone for good. */
    boolean isLost() {
        return lost;
    }

    @Nullable SimulatedProcess process() {
        return process;
    }

    int starts() {
        return starts;
    }

    /** What a start found; the first one is taken as it is. */
    void found(Restored restored) {
        if (wasStarted) {
            holding = holding.found(id, restored, unfinished);
        } else {
            holding.vote(new Effects.HardState(restored.term(), restored.vote()));
            holding.append(restored.entries());
        }
        wasStarted = true;
        unfinished = null;
    }

    /** Starts the process; it may end at once, at the n-th thing that it does to the world. */
    void start(int fuseLength, SplittableRandom random) {
        if (process != null || lost) {
            return;
        }
        starts++;
        fuse.set(fuseLength);
        try {
            process = new SimulatedProcess(this, world, seed + starts);
        } catch (Crash | DiskError | SimulatedProcess.Halted ended) {
            world.trace().add("no start");
            if (random.nextBoolean()) {
                disk.losePower(random);
            }
        } catch (IOException e) {
            throw new Violation(id + " cannot start: " + e.getMessage(), e);
        } finally {
            fuse.set(0);
        }
    }

    /** Lets the process do something. If it ends by that, the power may go with it. */
    void run(int fuseLength, SplittableRandom random, Work work) {
        SimulatedProcess running = process;
        if (running == null) {
            return;
        }
        fuse.set(fuseLength);
        try {
            work.run(running);
        } catch (Crash | DiskError ended) {
            end(random.nextBoolean(), random);
        } catch (SimulatedProcess.Halted ended) {
            if (!(ended.getCause() instanceof DiskError)) {
                throw new Violation(id + " halts: " + ended.getCause(), ended);
            }
            end(random.nextBoolean(), random);
        } catch (IOException e) {
            throw new Violation(id + " halts: " + e, e);
        } finally {
            fuse.set(0);
        }
    }

    /** Ends the process, if it runs, and perhaps the power. */
    void end(boolean power, SplittableRandom random) {
        SimulatedProcess running = process;
        if (running != null) {
            process = null;
            world.ended(this);
        }
        if (power) {
            disk.losePower(random);
        }
    }

    /** The disk is gone; what it held counts as held, or nothing could be lost. */
    void lose(SplittableRandom random) {
        end(false, random);
        lost = true;
    }
}
