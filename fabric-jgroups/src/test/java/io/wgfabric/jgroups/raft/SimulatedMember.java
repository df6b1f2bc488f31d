package io.wgfabric.jgroups.raft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A member of the simulated world: a core, a disk, a state machine that is a digest. Carries effects out like a driver. */
final class SimulatedMember {
    private static final int CHUNK_BYTES = 3;
    /** Where a crash may happen between the parts of the effects. */
    static final int CRASH_POINTS = 7;

    final String id;
    final SimulatedDisk disk = new SimulatedDisk();
    private final World world;
    private @Nullable RaftCore core;
    private long applied;
    private long appliedTerm;
    private Configuration configuration = Configuration.NONE;
    private long digest;

    SimulatedMember(String id, World world) {
        this.id = id;
        this.world = world;
    }

    boolean isUp() {
        return core != null;
    }

    RaftCore core() {
        return Objects.requireNonNull(core);
    }

    long applied() {
        return applied;
    }

    void start() {
        Restored restored = disk.restored();
        core = new RaftCore(id, World.SETTINGS, world.random::nextLong, restored);
        applied = 0;
        digest = 0;
        configuration = Configuration.NONE;
        if (restored.snapshot().index() > 0) {
            restore(restored.snapshot(), disk.state());
        }
    }

    void crash() {
        core = null;
    }

    /** @param crashAt the part after which the member crashes; {@link #CRASH_POINTS} or more for never */
    void step(List<Event> events, int crashAt) {
        RaftCore running = core();
        boolean led = running.role() == RaftCore.Role.LEADER;
        Effects effects = running.step(world.now(), events);
        while (true) {
            if (!led && running.role() == RaftCore.Role.LEADER) {
                world.checker.leads(running);
            }
            led = running.role() == RaftCore.Role.LEADER;
            carryOut(running, effects, crashAt);
            if (core == null || effects.entries().isEmpty()) {
                return;
            }
            long last = effects.entries().get(effects.entries().size() - 1).index();
            effects = running.step(world.now(), List.of(new Event.Persisted(last)));
        }
    }

    private void carryOut(RaftCore running, Effects effects, int crashAt) {
        int part = 0;
        Effects.Install install = effects.install();
        if (install != null) {
            disk.snapshot(install.meta(), install.data());
        }
        if (part++ == crashAt) {
            crash();
            return;
        }
        if (install != null) {
            disk.agree();
            restore(install.meta(), install.data());
        }
        if (part++ == crashAt) {
            crash();
            return;
        }
        Effects.HardState state = effects.hardState();
        if (state != null) {
            disk.vote(state);
        }
        if (part++ == crashAt) {
            crash();
            return;
        }
        effects.early().forEach(send -> world.send(id, send.to(), send.message()));
        if (part++ == crashAt) {
            crash();
            return;
        }
        if (!effects.entries().isEmpty()) {
            disk.append(effects.entries());
            effects.entries().forEach(entry -> world.checker.logged(entry, running.termAt(entry.index() - 1)));
        }
        if (part++ == crashAt) {
            crash();
            return;
        }
        effects.messages().forEach(send -> world.send(id, send.to(), send.message()));
        effects.chunks().forEach(this::sendChunk);
        if (part == crashAt) {
            crash();
            return;
        }
        effects.committed().forEach(entry -> apply(running, entry));
        effects.answers().forEach(world::answered);
    }

    private void sendChunk(Effects.Chunk chunk) {
        if (!disk.snapshot().equals(chunk.meta())) {
            throw new AssertionError("a piece of a snapshot that is not there");
        }
        byte[] state = disk.state();
        int offset = (int) chunk.offset();
        byte[] piece = new byte[Math.min(CHUNK_BYTES, state.length - offset)];
        System.arraycopy(state, offset, piece, 0, piece.length);
        world.send(
                id,
                chunk.to(),
                new Message.SnapshotRequest(
                        chunk.term(),
                        chunk.round(),
                        chunk.meta(),
                        chunk.size(),
                        Checker.checksum(state),
                        chunk.offset(),
                        piece));
    }

    private void apply(RaftCore running, Entry entry) {
        Checker.check(entry.index() == applied + 1, "applied " + entry.index() + " after " + applied);
        if (running.role() == RaftCore.Role.LEADER && entry.term() == running.term()) {
            world.checkMajorityHolds(entry, running.configuration());
        }
        applied = entry.index();
        appliedTerm = entry.term();
        if (entry.kind() == Entry.Kind.CONFIGURATION) {
            configuration = Configuration.decode(entry.data());
        }
        digest = digest * 31
                + entry.term() * 7
                + entry.request() * 3
                + entry.kind().code();
        world.checker.applied(entry, digest);
    }

    private void restore(SnapshotMeta meta, byte[] state) {
        applied = meta.index();
        appliedTerm = meta.term();
        configuration = meta.configuration();
        digest = ByteBuffer.wrap(state).getLong();
        world.checker.restored(applied, digest);
    }

    /** Takes a snapshot as a driver does: it is on disk before the core hears of it, and the log is cut after. */
    void snapshot(long keep) {
        if (applied <= core().snapshot().index()) {
            return;
        }
        SnapshotMeta meta = new SnapshotMeta(applied, appliedTerm, configuration);
        byte[] state = ByteBuffer.allocate(8).putLong(digest).array();
        disk.snapshot(meta, state);
        List<Event> events = new ArrayList<>();
        events.add(new Event.SnapshotTaken(meta, state.length, meta.index() - keep));
        step(events, CRASH_POINTS);
        disk.compactTo(core().baseIndex());
    }
}
