package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.Message;
import io.wgfabric.jgroups.raft.RaftCore;
import io.wgfabric.jgroups.raft.Restored;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import io.wgfabric.jgroups.stack.Applier;
import io.wgfabric.jgroups.stack.Carrier;
import io.wgfabric.jgroups.stack.Frame;
import io.wgfabric.jgroups.stack.Mailbox;
import io.wgfabric.jgroups.stack.Network;
import io.wgfabric.jgroups.stack.Requests;
import io.wgfabric.jgroups.wal.WriteAheadLog;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One run of a member's process, from a start to its end: the classes of a real member put together as {@code Member}
 * does, but with one thread that the world lends. {@link #step} must agree with {@code RaftLoop}.
 */
final class SimulatedProcess implements Carrier.Surroundings, Network {
    private static final int MAILBOX = 256;
    private static final int PENDING = 64;

    private final SimulatedMember member;
    private final World world;
    private final WriteAheadLog wal;
    private final RaftCore core;
    private final Carrier carrier;
    private final Mailbox mailbox = new Mailbox(MAILBOX);
    private final Requests requests;
    private final Applier applier;
    private final WorldReplica replica;
    private final ArrayDeque<Runnable> writes = new ArrayDeque<>();

    private long checkedCommit;
    private long checkedTerm;
    private @Nullable Configuration checkedConfiguration;
    private boolean led;
    private Requests.@Nullable Leadership leadership;
    private int sent;

    SimulatedProcess(SimulatedMember member, World world, long seed) throws IOException {
        this.member = member;
        this.world = world;
        SplittableRandom random = new SplittableRandom(seed);
        wal = WriteAheadLog.open(
                member.disk(), "world/" + member.id(), world.profile().segmentBytes());
        if (member.isFounder() && wal.isNew()) {
            wal.append(List.of(Entry.configuration(1, 1, world.founders())), 1);
            wal.vote(new Effects.HardState(1, null));
        }
        Restored restored = wal.restored();
        member.found(restored);
        core = new RaftCore(member.id(), world.profile().settings(), random::nextLong, restored);
        replica = world.newReplica(member.id());
        requests =
                new Requests(member.id(), random.nextLong() | 1, PENDING, this, mailbox, Runnable::run, member::nanos);
        applier = new Applier(
                replica,
                requests,
                wal.snapshots(),
                world.profile().snapshots(),
                mailbox,
                writes::add,
                core::isSendingSnapshot,
                SimulatedProcess::fail);
        carrier = new Carrier(wal, world.profile().chunkBytes(), this);
        applier.restore();
        replay();
    }

    private void replay() throws IOException {
        Effects effects = core.step(member.now(), List.of());
        observe(effects);
        applier.apply(List.copyOf(effects.committed()));
        effects.committed().clear();
        long written = carryOut(effects);
        if (written > 0) {
            mailbox.offer(new Event.Persisted(written));
        }
    }

    private static void fail(Throwable cause) {
        if (cause instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        throw new Halted(cause);
    }

    /** A thread of the process has failed, and with it the process. */
    static final class Halted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Halted(Throwable cause) {
            super(cause);
        }
    }

    RaftCore core() {
        return core;
    }

    Requests requests() {
        return requests;
    }

    Applier applier() {
        return applier;
    }

    WorldReplica replica() {
        return replica;
    }

    void offer(Event event) {
        mailbox.offer(event);
    }

    void receive(SimulatedNetwork.Flying flying) {
        Frame frame = flying.frame();
        if (frame instanceof Frame.Consensus consensus) {
            mailbox.offer(new Event.Received(flying.from(), consensus.message()));
        } else {
            requests.received(flying.from(), frame);
        }
    }

    /** What the raft thread does with all that waits. */
    void step() throws IOException {
        List<Event> batch = new ArrayList<>();
        mailbox.drainTo(batch);
        Effects effects = core.step(member.now(), batch);
        observe(effects);
        long written = carryOut(effects);
        while (written > 0) {
            effects = core.step(member.now(), List.of(new Event.Persisted(written)));
            observe(effects);
            written = carryOut(effects);
        }
        for (Event event : batch) {
            if (event instanceof Event.SnapshotTaken) {
                wal.compactTo(core.baseIndex());
            }
        }
    }

    void takeSnapshot() {
        CompletableFuture<Void> unused = applier.submitSnapshot();
    }

    /** What the applying thread does with all that waits. */
    void apply() {
        applier.runWaiting();
    }

    /** What the thread does that writes snapshots. */
    void write() {
        Runnable write = writes.poll();
        if (write != null) {
            write.run();
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same object needs no second look
    private long carryOut(Effects effects) throws IOException {
        member.begin(effects);
        sent = 0;
        long written = carrier.carryOut(effects, core.commit());
        promise(effects);
        if (core.lastIndex() != member.holding().last()) {
            throw new Violation(member.id() + " has entries to " + core.lastIndex() + " in memory, but to "
                    + member.holding().last() + " on disk");
        }
        Configuration inForce = member.holding().configuration();
        if (inForce != checkedConfiguration && !inForce.equals(core.configuration())) {
            throw new Violation(member.id() + " counts " + core.configuration() + ", but its log says " + inForce);
        }
        checkedConfiguration = inForce;
        member.begin(null);
        return written;
    }

    /** From here on all writes of the step are said to be on disk. */
    private void promise(Effects effects) {
        if (sent < Integer.MAX_VALUE) {
            sent = Integer.MAX_VALUE;
            member.holding().install(effects.install());
            member.holding().vote(effects.hardState());
            member.holding().append(effects.entries());
        }
    }

    /** After a step, before anybody hears of it. */
    private void observe(Effects effects) {
        RaftChecker checker = world.raft();
        boolean leads = core.role() == RaftCore.Role.LEADER;
        if (core.term() < checkedTerm || core.commit() < checkedCommit) {
            throw new Violation(member.id() + ": term or commit index went back");
        }
        if (leads && (!led || core.term() != checkedTerm)) {
            checker.leads(member.id(), core);
        }
        for (Entry entry : effects.entries()) {
            checker.logged(entry, core.termAt(entry.index() - 1));
            if (leads && entry.term() == core.term() && entry.kind() == Entry.Kind.CONFIGURATION) {
                checker.changes(member.id(), entry, member.holding().configurationIndex(), isEstablished());
            }
        }
        if (core.commit() > checkedCommit) {
            observeCommit(effects, leads || led);
        }
        checkedTerm = core.term();
        led = leads;
    }

    private void observeCommit(Effects effects, boolean asLeader) {
        RaftChecker checker = world.raft();
        if (asLeader && core.commit() > checker.highest()) {
            if (core.termAt(core.commit()) != core.term()) {
                throw new Violation(member.id() + " committed entry " + core.commit() + " of an earlier term");
            }
            Configuration inForce = member.holding().configuration();
            for (Entry entry : effects.entries()) {
                if (entry.kind() == Entry.Kind.CONFIGURATION) {
                    inForce = Configuration.decode(entry.data());
                }
            }
            Set<String> holders = world.holders(core.commit(), core.termAt(core.commit()));
            for (long index = checker.highest() + 1; index <= core.commit(); index++) {
                checker.commits(member.id(), core.entryAt(index), core.term(), inForce, holders);
            }
        }
        checker.knowsCommitted(member.id(), core, checkedCommit + 1);
        checkedCommit = core.commit();
    }

    /** Whether it leads and has committed in its term, as it must without any client's help. */
    boolean isEstablished() {
        return core.role() == RaftCore.Role.LEADER && core.termAt(core.commit()) == core.term();
    }

    @Override
    public void send(String to, Message message) {
        Effects effects = member.unfinished();
        if (effects != null && sent++ == effects.early().size()) {
            promise(effects);
        }
        if (message instanceof Message.VoteRequest request && !request.pre()) {
            world.raft().voted(member.id(), request.term(), member.id());
        } else if (message instanceof Message.VoteResponse response && response.granted() && !response.pre()) {
            world.raft().voted(member.id(), response.term(), to);
        }
        send(to, new Frame.Consensus(message));
    }

    @Override
    public boolean send(String to, Frame frame) {
        member.fuse().burn();
        world.network().send(member.id(), to, Frame.encode(frame));
        return true;
    }

    @Override
    public void install(SnapshotMeta meta, byte[] state) {
        applier.submitInstall(meta, state);
    }

    @Override
    public void stepped() {
        Requests.Leadership now = new Requests.Leadership(core.term(), core.leader());
        if (!now.equals(leadership)) {
            leadership = now;
            requests.leadership(now);
        }
    }

    @Override
    public void committed(List<Entry> entries) {
        applier.submit(entries);
    }

    @Override
    public void refused(Effects.Refused refused) {
        requests.refused(refused);
    }

    @Override
    public void answered(Effects.Answer answer) {
        requests.answered(answer);
    }

    void connected(Set<String> members) {
        mailbox.offer(new Event.Connected(new TreeSet<>(members)));
    }

    @Override
    public String toString() {
        return member.id() + " " + core.role() + " term " + core.term() + " leader " + Objects.toString(core.leader())
                + " log " + core.baseIndex() + ".." + core.lastIndex() + " commit " + core.commit() + " applied "
                + applier.applied() + " voters " + core.configuration();
    }
}
