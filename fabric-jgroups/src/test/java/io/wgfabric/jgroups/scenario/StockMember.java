package io.wgfabric.jgroups.scenario;

import io.wgfabric.jgroups.scenario.Post.Kind;
import io.wgfabric.jgroups.scenario.Post.Parcel;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.protocols.raft.AppendEntriesRequest;
import org.jgroups.protocols.raft.AppendEntriesResponse;
import org.jgroups.protocols.raft.FileBasedLog;
import org.jgroups.protocols.raft.InstallSnapshotRequest;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.REDIRECT;
import org.jgroups.protocols.raft.Role;
import org.jgroups.protocols.raft.election.VoteRequest;
import org.jgroups.protocols.raft.election.VoteResponse;
import org.jgroups.raft.StateMachine;
import org.jgroups.raft.util.Utils;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ExtendedUUID;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * jgroups-raft as it is published: ELECTION, RAFT and REDIRECT on a FileBasedLog with fsync, between a protocol that
 * gives their messages to the test and one that takes nothing. Views and turns of their threads come from the test.
 */
final class StockMember implements Member {
    private static final Logger QUIET = Logger.getLogger("org.jgroups");
    private static final String READ = "?";
    private static final long RESEND_MILLIS = 1000;
    private static final long VOTE_MILLIS = 600;

    static {
        QUIET.setLevel(Level.OFF); // what it swallows, it prints
    }

    private final String id;
    private final Ensemble ensemble;
    private final ExtendedUUID address;
    private final FileBasedLog file = new FileBasedLog();
    private final HandDrivenRaft raft = new HandDrivenRaft();
    private final HandDrivenElection election = new HandDrivenElection();
    private final REDIRECT redirect = new REDIRECT();
    private final Machine machine;
    private long viewNumber;
    private long idle;
    private long sinceRound;
    private boolean turning;
    private boolean dead;
    private int crashAt = -1;
    private @Nullable Runnable beforeAppend;

    StockMember(String id, Path directory, List<String> voters, Ensemble ensemble) throws Exception {
        this.id = id;
        this.ensemble = ensemble;
        this.machine = new Machine(id, ensemble.ledger());
        this.address = ExtendedUUID.randomUUID(id).put(RAFT.raft_id_key, Util.stringToBytes(id));
        file.init(directory.toString(), Map.of());
        raft.raftId(id)
                .members(voters)
                .stateMachine(new State())
                .logUseFsync(true)
                .resendInterval(1);
        raft.log(file);
        election.voteTimeout(1);
        election.raft(raft);
        wire(new Bottom(), election, raft, redirect, new Top());
        raft.init();
        election.init();
        redirect.init();
        raft.addRoleListener(role -> {
            if (role == Role.Leader && !dead) {
                ensemble.ledger().leads(id, raft.currentTerm());
            }
        });
        raft.start();
        raft.log(new WatchedLog(raft.log(), new Disk()));
    }

    private void wire(Protocol... lowestFirst) {
        for (int i = 0; i < lowestFirst.length; i++) {
            lowestFirst[i].setAddress(address);
            if (i > 0) {
                lowestFirst[i].setDownProtocol(lowestFirst[i - 1]);
                lowestFirst[i - 1].setUpProtocol(lowestFirst[i]);
            }
        }
    }

    /** What is sent goes to the test; a message to all, to every member of the view. */
    private final class Bottom extends Protocol {
        @Override
        public @Nullable Object down(Event event) {
            return null;
        }

        @Override
        public @Nullable Object down(Message message) {
            if (dead) {
                return null;
            }
            message.setSrc(address);
            if (message.dest() != null) {
                post(message.dest(), message);
            } else if (view() != null) {
                for (Address each : view().getMembers()) {
                    boolean mine = each.equals(address);
                    if (!mine || !message.isFlagSet(Message.TransientFlag.DONT_LOOPBACK)) {
                        post(each, message);
                    }
                }
            }
            return null;
        }

        private void post(Address to, Message message) {
            ensemble.post().send(new Parcel(StockMember.this.id, Utils.extractRaftId(to), kind(message), message));
        }

        private Kind kind(Message message) {
            for (org.jgroups.Header header : message.getHeaders().values()) {
                if (header instanceof VoteRequest) {
                    return Kind.VOTE_REQUEST;
                } else if (header instanceof VoteResponse) {
                    return Kind.VOTE;
                } else if (header instanceof AppendEntriesRequest) {
                    return Kind.APPEND;
                } else if (header instanceof AppendEntriesResponse) {
                    return Kind.ANSWER;
                } else if (header instanceof InstallSnapshotRequest) {
                    return Kind.SNAPSHOT;
                }
            }
            return Kind.OTHER;
        }
    }

    private static final class Top extends Protocol {
        @Override
        public @Nullable Object up(Event event) {
            return null;
        }

        @Override
        public @Nullable Object up(Message message) {
            return null;
        }
    }

    private final class State implements StateMachine {
        @Override
        public byte[] apply(byte[] data, int offset, int length, boolean serialize) throws Exception {
            String command = new String(data, offset, length, StandardCharsets.UTF_8);
            if (command.equals(READ)) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                machine.writeTo(new DataOutputStream(bytes));
                return bytes.toByteArray();
            }
            machine.apply(command);
            return new byte[0];
        }

        @Override
        public void readContentFrom(DataInput in) throws Exception {
            machine.readFrom(in);
        }

        @Override
        public void writeContentTo(DataOutput out) throws Exception {
            machine.writeTo(out);
        }
    }

    /** A process that is killed changes nothing on its disk any more, whatever catches what is thrown here. */
    private final class Disk implements WatchedLog.Watch {
        @Override
        public void change() {
            if (dead || (crashAt >= 0 && crashAt-- == 0)) {
                dead = true;
                throw new Crash(id);
            }
        }

        @Override
        public void append() {
            Runnable first = beforeAppend;
            beforeAppend = null;
            if (first != null) {
                first.run();
            }
        }
    }

    private @Nullable View view() {
        return election.currentView();
    }

    /** Turns of RAFT's thread until it has no work. */
    private void work() {
        if (turning) {
            return; // it has one thread; what came in waits for its next turn
        }
        turning = true;
        try {
            while (raft.hasWork() && !dead) {
                idle = 0;
                turn();
            }
        } finally {
            turning = false;
        }
        dieIfKilled();
    }

    /** Its thread survives whatever is thrown in it. */
    private void turn() {
        try {
            raft.turn();
        } catch (RuntimeException e) {
            QUIET.log(Level.FINE, id, e);
        }
    }

    private void dieIfKilled() {
        if (dead) {
            throw new Crash(id);
        }
    }

    // ---- what a test does with it

    @Override
    public void connect(List<String> reachable) {
        List<Address> members = new ArrayList<>();
        for (String each : reachable) {
            members.add(each.equals(id) ? address : ((StockMember) ensemble.member(each)).address);
        }
        View view = new View(members.get(0), ++viewNumber, members);
        election.up(new Event(Event.VIEW_CHANGE, view));
        work();
    }

    @Override
    public void receive(Parcel parcel) {
        Message message = (Message) parcel.content();
        Address to = message.dest();
        if (to != null && !to.equals(address)) {
            return; // for an earlier process
        }
        try {
            election.up(message);
        } catch (RuntimeException e) {
            QUIET.log(Level.FINE, id, e); // JGroups logs it and goes on
        }
        work();
    }

    @Override
    public void tick(long millis) {
        idle += millis;
        sinceRound += millis;
        if (idle >= RESEND_MILLIS) {
            idle = 0;
            turn();
        }
        if (sinceRound >= VOTE_MILLIS && election.isVotingThreadRunning()) {
            sinceRound = 0;
            election.round(ensemble::deliver);
        }
        work();
    }

    @Override
    public void doubtLeader() {
        // it knows of no timeout; views alone say who is there
    }

    @Override
    public void campaign(Consumer<Predicate<Parcel>> deliver, Runnable collecting) {
        if (election.hasMajorityInView()) {
            election.runVotingThread();
        }
        election.round(collecting);
        work();
    }

    @Override
    public boolean leads() {
        return raft.isLeader();
    }

    @Override
    public long term() {
        return raft.currentTerm();
    }

    /** By way of REDIRECT, as its users do. */
    @Override
    public void propose(Request request) {
        byte[] bytes = request.command().getBytes(StandardCharsets.UTF_8);
        try {
            follow(request, redirect.setAsync(bytes, 0, bytes.length, null));
        } catch (Exception e) {
            request.refuse(String.valueOf(e.getMessage()));
        }
        work();
    }

    private void follow(Request request, CompletableFuture<byte[]> future) {
        CompletableFuture<byte[]> unused = future.whenComplete((answer, thrown) -> {
            if (dead) {
                return;
            }
            if (thrown == null) {
                ensemble.acknowledged(request, this);
            } else {
                request.refuse(String.valueOf(thrown.getMessage()));
            }
        });
    }

    @Override
    public void read(Request request, Consumer<List<String>> seen) {
        byte[] bytes = READ.getBytes(StandardCharsets.UTF_8);
        try {
            CompletableFuture<byte[]> future = raft.getAsync(bytes, 0, bytes.length, null);
            CompletableFuture<byte[]> unused = future.whenComplete((answer, thrown) -> {
                if (thrown == null) {
                    seen.accept(machine.commands());
                } else {
                    request.refuse(String.valueOf(thrown.getMessage()));
                }
            });
        } catch (Exception e) {
            request.refuse(String.valueOf(e.getMessage()));
        }
        work();
    }

    @Override
    public void change(Request request, String member, boolean add) {
        try {
            CompletableFuture<byte[]> future = add ? raft.addServer(member) : raft.removeServer(member);
            CompletableFuture<byte[]> unused = future.whenComplete((answer, thrown) -> {
                if (thrown == null) {
                    request.acknowledge();
                } else {
                    request.refuse(String.valueOf(thrown.getMessage()));
                }
            });
        } catch (Exception e) {
            request.refuse(String.valueOf(e.getMessage()));
        }
        work();
    }

    @Override
    public void leave(Request request) {
        change(request, id, false);
        ensemble.deliver();
    }

    @Override
    public void snapshot() {
        CompletableFuture<Void> taken = raft.snapshotAsync();
        work();
        taken.join();
    }

    @Override
    public List<String> applied() {
        return machine.commands();
    }

    @Override
    public Set<String> stored() {
        Set<String> found = new HashSet<>(machine.commands());
        try {
            file.forEach((entry, index) -> {
                if (entry != null && !entry.internal() && entry.command() != null) {
                    found.add(new String(entry.command(), entry.offset(), entry.length(), StandardCharsets.UTF_8));
                }
            });
        } catch (IllegalStateException unreadable) {
            return Set.of();
        }
        return found;
    }

    @Override
    public Collection<String> voters() {
        return raft.members();
    }

    @Override
    public String toString() {
        return id + " " + raft.role() + " of " + raft + " voters " + raft.members() + ", majority " + raft.majority()
                + ", view " + view();
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
        dead = true;
        raft.stopParked();
        file.close();
    }
}
