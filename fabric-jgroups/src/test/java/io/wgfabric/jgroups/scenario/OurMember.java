package io.wgfabric.jgroups.scenario;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.Message;
import io.wgfabric.jgroups.raft.RaftCore;
import io.wgfabric.jgroups.raft.RaftCore.Role;
import io.wgfabric.jgroups.raft.Restored;
import io.wgfabric.jgroups.raft.Settings;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import io.wgfabric.jgroups.scenario.Post.Kind;
import io.wgfabric.jgroups.scenario.Post.Parcel;
import io.wgfabric.jgroups.wal.SnapshotFiles;
import io.wgfabric.jgroups.wal.WriteAheadLog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Our core on our write-ahead log. Effects are carried out in the order that {@link Effects} demands. */
final class OurMember implements Member {
    private static final Settings SETTINGS = Settings.standard();
    private static final long TICK = 10;
    private static final int CHUNK_BYTES = 1 << 16;
    private static final Set<Role> CANDIDATES = Set.of(Role.PRE_CANDIDATE, Role.CANDIDATE);

    private record Asked(Request request, Consumer<List<String>> seen) {}

    private record Waiting(long index, Asked asked) {}

    private static final AtomicLong INCARNATIONS = new AtomicLong();

    private final long origin = INCARNATIONS.incrementAndGet();
    private final String id;
    private final Path directory;
    private final Ensemble ensemble;
    private final WriteAheadLog wal;
    private final RaftCore core;
    private final Machine machine;
    /** Commands in the log on disk, by index. */
    private final TreeMap<Long, String> disk = new TreeMap<>();

    private final Map<Long, Request> proposals = new HashMap<>();
    private final List<Waiting> reads = new ArrayList<>();
    private final ArrayDeque<Event> mailbox = new ArrayDeque<>();
    private long now;
    private long requests;
    private long applied;
    private long appliedTerm;
    private Configuration configuration = Configuration.NONE;
    private long campaigns;
    private boolean stepping;
    private boolean doubted;
    private int crashAt = -1;
    private @Nullable Runnable beforeAppend;

    OurMember(String id, Path directory, List<String> voters, Ensemble ensemble) throws IOException {
        this.id = id;
        this.directory = directory;
        this.ensemble = ensemble;
        this.machine = new Machine(id, ensemble.ledger());
        this.wal = WriteAheadLog.open(directory, id);
        if (wal.isNew() && voters.equals(List.of(id))) {
            wal.bootstrap(id);
        }
        Restored restored = wal.restored();
        // Long timeouts, so that elections begin where the test wants them; different ones, so that they end.
        long sooner = 20L * (id.charAt(0) % 8);
        this.core = new RaftCore(id, SETTINGS, bound -> bound - 1 - sooner, restored);
        SnapshotFiles.Stored stored = wal.snapshots().newest();
        if (stored != null) {
            restore(stored.meta(), wal.snapshots().read(stored));
        }
        restored.entries().forEach(this::remember);
        step(List.of());
    }

    // ---- the driver

    private void step(List<Event> events) {
        if (stepping) {
            mailbox.addAll(events); // one thread: what comes in meanwhile is the next batch
            return;
        }
        stepping = true;
        try {
            carryOut(core.step(now, events));
            while (!mailbox.isEmpty()) {
                carryOut(core.step(now, List.of(mailbox.remove())));
            }
        } catch (IOException e) {
            throw new Crash(id); // the log's contract: the member halts
        } finally {
            stepping = false;
        }
        if (core.role() == Role.LEADER) {
            ensemble.ledger().leads(id, core.term());
        }
    }

    private void carryOut(Effects effects) throws IOException {
        Effects.Install install = effects.install();
        if (install != null) {
            install(install);
        }
        Effects.HardState state = effects.hardState();
        if (state != null) {
            changeDisk();
            wal.vote(state);
        }
        effects.early().forEach(send -> send(send.to(), send.message()));
        List<Entry> entries = effects.entries();
        if (!entries.isEmpty()) {
            Runnable first = beforeAppend;
            beforeAppend = null;
            if (first != null) {
                first.run();
            }
            changeDisk();
            wal.append(entries, core.commit());
            disk.tailMap(entries.get(0).index(), true).clear();
            entries.forEach(this::remember);
            mailbox.add(new Event.Persisted(entries.get(entries.size() - 1).index()));
        }
        effects.messages().forEach(send -> send(send.to(), send.message()));
        for (Effects.Chunk chunk : effects.chunks()) {
            send(chunk);
        }
        effects.committed().forEach(this::apply);
        effects.refused().forEach(refused -> refuse(refused.propose().request(), refused.reason()));
        effects.answers().forEach(this::answered);
    }

    private void changeDisk() {
        if (crashAt >= 0 && crashAt-- == 0) {
            throw new Crash(id);
        }
    }

    private void remember(Entry entry) {
        if (entry.kind() == Entry.Kind.COMMAND) {
            disk.put(entry.index(), text(entry));
        }
    }

    private static String text(Entry entry) {
        return new String(entry.data(), StandardCharsets.UTF_8);
    }

    private void apply(Entry entry) {
        if (entry.index() != applied + 1) {
            throw new IllegalStateException(id + " is to apply " + entry.index() + " after " + applied);
        }
        applied = entry.index();
        appliedTerm = entry.term();
        if (entry.kind() == Entry.Kind.COMMAND) {
            machine.apply(text(entry));
            Request request = entry.origin() == origin ? proposals.remove(entry.request()) : null;
            if (request != null) {
                ensemble.acknowledged(request, this);
            }
        } else if (entry.kind() == Entry.Kind.CONFIGURATION) {
            configuration = Configuration.decode(entry.data());
        }
        reads.removeIf(waiting -> {
            boolean ready = waiting.index() <= applied;
            if (ready) {
                waiting.asked().seen().accept(machine.commands());
            }
            return ready;
        });
    }

    /** A crash may come between any two changes of the files that an installation makes. */
    private void install(Effects.Install install) throws IOException {
        if (crashAt >= 0) {
            CrashedInstall crashed = new CrashedInstall(directory);
            wal.install(install.meta(), install.data());
            int states = crashed.states();
            if (crashAt < states) {
                wal.close();
                crashed.leave(crashAt);
                throw new Crash(id);
            }
            crashAt -= states;
        } else {
            wal.install(install.meta(), install.data());
        }
        disk.clear();
        if (install.keepsLog()) {
            for (long index = core.baseIndex() + 1; index <= core.lastIndex(); index++) {
                remember(core.entryAt(index));
            }
        }
        restore(install.meta(), install.data());
    }

    private void restore(SnapshotMeta meta, byte[] state) {
        applied = meta.index();
        appliedTerm = meta.term();
        configuration = meta.configuration();
        try {
            machine.readFrom(new DataInputStream(new ByteArrayInputStream(state)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send(String to, Message message) {
        Kind kind = Kind.OTHER;
        if (message instanceof Message.VoteRequest request) {
            kind = request.pre() ? Kind.PRE_VOTE : Kind.VOTE_REQUEST;
            campaigns++;
        } else if (message instanceof Message.VoteResponse response) {
            kind = response.pre() ? Kind.PRE_VOTE : Kind.VOTE;
        } else if (message instanceof Message.AppendRequest request) {
            kind = request.entries().isEmpty() ? Kind.APPEND : Kind.ENTRIES;
        } else if (message instanceof Message.AppendResponse || message instanceof Message.SnapshotResponse) {
            kind = Kind.ANSWER;
        } else if (message instanceof Message.SnapshotRequest) {
            kind = Kind.SNAPSHOT;
        }
        ensemble.post().send(new Parcel(id, to, kind, message));
    }

    private void send(Effects.Chunk chunk) throws IOException {
        byte[] piece = wal.snapshots().piece(chunk.meta(), chunk.offset(), CHUNK_BYTES);
        SnapshotFiles.Stored stored = wal.snapshots().newest();
        if (piece != null && stored != null) {
            send(
                    chunk.to(),
                    new Message.SnapshotRequest(
                            chunk.term(),
                            chunk.round(),
                            chunk.meta(),
                            chunk.size(),
                            stored.checksum(),
                            chunk.offset(),
                            piece));
        }
    }

    private void refuse(long request, Effects.Refusal reason) {
        Request refused = proposals.remove(request);
        if (refused != null) {
            refused.refuse(reason.name());
        }
    }

    private void answered(Effects.Answer answer) {
        Asked asked = (Asked) answer.token();
        if (answer.refusal() != null) {
            asked.request().refuse(answer.refusal().name());
        } else if (answer.index() > applied) {
            reads.add(new Waiting(answer.index(), asked));
        } else {
            asked.seen().accept(machine.commands());
        }
    }

    // ---- what a test does with it

    @Override
    public void connect(List<String> reachable) {
        step(List.of(new Event.Connected(new TreeSet<>(reachable))));
    }

    @Override
    public void receive(Parcel parcel) {
        doubted = doubted && parcel.kind() != Kind.APPEND && parcel.kind() != Kind.ENTRIES;
        step(List.of(new Event.Received(parcel.from(), (Message) parcel.content())));
    }

    @Override
    public void tick(long millis) {
        now += millis;
        step(List.of());
    }

    @Override
    public void doubtLeader() {
        if (core.leader() != null && core.role() != Role.LEADER && !doubted) {
            doubted = true; // once is enough: twice would be its own election timeout
            now += SETTINGS.electionMillis();
            step(List.of());
        }
    }

    @Override
    public void campaign(Consumer<Predicate<Parcel>> deliver, Runnable collecting) {
        long before = campaigns;
        for (long waited = 0; waited <= 2 * SETTINGS.electionMillis() && campaigns == before; waited += TICK) {
            tick(TICK);
        }
        deliver.accept(parcel -> parcel.kind() == Kind.PRE_VOTE);
        if (CANDIDATES.contains(core.role())) {
            collecting.run();
        }
    }

    @Override
    public boolean leads() {
        return core.role() == Role.LEADER;
    }

    @Override
    public long term() {
        return core.term();
    }

    @Override
    public void propose(Request request) {
        long number = ++requests;
        proposals.put(number, request);
        step(List.of(new Event.Propose(
                core.term(), id, origin, number, request.command().getBytes(StandardCharsets.UTF_8))));
    }

    @Override
    public void read(Request request, Consumer<List<String>> seen) {
        step(List.of(new Event.Read(id, new Asked(request, seen))));
    }

    @Override
    public void change(Request request, String member, boolean add) {
        step(List.of(new Event.Change(member, add, new Asked(request, state -> request.acknowledge()))));
    }

    /** A leader hands over, and its successor removes it. */
    @Override
    public void leave(Request request) {
        step(List.of(new Event.Transfer(null)));
        ensemble.within(() -> ensemble.leader() != null && !id.equals(ensemble.leader()));
        String successor = ensemble.leader();
        if (successor == null || successor.equals(id)) {
            request.refuse("nobody took over");
            return;
        }
        Request[] last = {ensemble.change(successor, id, false)};
        ensemble.within(() -> {
            if (last[0].isDone() && !last[0].isAcknowledged()) {
                last[0] = ensemble.change(successor, id, false);
            }
            return last[0].isAcknowledged();
        });
        if (last[0].isAcknowledged()) {
            request.acknowledge();
        } else {
            request.refuse(last[0].toString());
        }
    }

    @Override
    public void snapshot() {
        SnapshotMeta meta = new SnapshotMeta(applied, appliedTerm, configuration);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            machine.writeTo(new DataOutputStream(bytes));
            changeDisk();
            SnapshotFiles.Stored stored = wal.snapshots().write(meta, bytes.toByteArray());
            step(List.of(new Event.SnapshotTaken(meta, stored.size(), meta.index())));
            changeDisk();
            wal.compactTo(core.baseIndex());
        } catch (IOException e) {
            throw new Crash(id);
        }
    }

    @Override
    public List<String> applied() {
        return machine.commands();
    }

    @Override
    public Set<String> stored() {
        Set<String> found = new HashSet<>(machine.commands());
        found.addAll(disk.values());
        return found;
    }

    @Override
    public Collection<String> voters() {
        return core.configuration().voters();
    }

    @Override
    public void crashAt(int operation) {
        crashAt = operation;
    }

    @Override
    public void beforeAppend(Runnable what) {
        beforeAppend = what;
    }

    @Override
    public void crash() {
        try {
            wal.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
