package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.LogStatus;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.annotations.MBean;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.Role;
import org.jgroups.raft.Options;
import org.jgroups.raft.StateMachine;
import org.jgroups.raft.util.Utils;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/**
 * jgroups-raft's {@code RAFT} as its users know it, decided by {@link io.wgfabric.jgroups.raft.RaftCore}: it takes
 * RAFT's place in the stack and answers RAFT's questions, and none of RAFT's own log, election or commit code runs.
 * Needs no ELECTION and no REDIRECT above it.
 */
@MBean(description = "Raft, decided by a consensus core of its own")
public final class FabricRaft extends RAFT implements Network {
    private static final System.Logger LOG = System.getLogger(FabricRaft.class.getName());

    /** What the public faces of RAFT are answered with. */
    public interface Faces {
        LogStatus status();

        long lastAppended();

        long logSize();

        CompletableFuture<byte[]> append(byte[] command);

        CompletableFuture<byte[]> addVoter(String id);

        CompletableFuture<byte[]> removeVoter(String id);

        CompletableFuture<Void> snapshot();
    }

    private final Addresses addresses;
    private final Faces faces;
    private final BiConsumer<String, Frame> receiver;
    private final Runnable viewListener;
    private volatile boolean running;
    private Role told = Role.Learner;

    FabricRaft(String self, Faces faces, BiConsumer<String, Frame> receiver, Runnable viewListener) {
        this.addresses = new Addresses(self);
        this.faces = faces;
        this.receiver = receiver;
        this.viewListener = viewListener;
        FabricHeader.register();
        // A subclass is looked up under RAFT's id, or its messages would be another protocol's.
        setId(ClassConfigurator.getProtocolId(RAFT.class));
        raftId(self);
    }

    /** Does not call RAFT's start: it would open its own log and run its own thread. */
    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public Object up(Event event) {
        if (event.getType() == Event.VIEW_CHANGE) {
            handleView(event.getArg());
        }
        return up_prot.up(event);
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.VIEW_CHANGE) {
            handleView(event.getArg());
        }
        return down_prot.down(event);
    }

    @Override
    public void handleView(View newView) {
        view = newView;
        if (duplicatesInView(newView)) {
            LOG.log(System.Logger.Level.WARNING, "two members have one id, or one has just restarted: {0}", newView);
        }
        addresses.view(newView, System.nanoTime());
        viewListener.run();
    }

    @Override
    public @Nullable Object up(Message message) {
        if (message.getHeader(id) == null) {
            return up_prot.up(message);
        }
        receive(message);
        return null;
    }

    @Override
    public void up(MessageBatch batch) {
        for (Iterator<Message> each = batch.iterator(); each.hasNext(); ) {
            Message message = each.next();
            if (message.getHeader(id) != null) {
                each.remove();
                receive(message);
            }
        }
        if (!batch.isEmpty()) {
            up_prot.up(batch);
        }
    }

    private void receive(Message message) {
        Address source = message.getSrc();
        String from = source == null ? null : Utils.extractRaftId(source);
        if (!running || from == null || !(message instanceof BytesMessage) || message.getArray() == null) {
            return;
        }
        Frame frame;
        try {
            frame = Frame.decode(message.getArray(), message.getOffset(), message.getLength());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a message of {0} was dropped: {1}", from, e.getMessage());
            return;
        }
        receiver.accept(from, frame);
    }

    @Override
    public boolean send(String member, Frame frame) {
        Addresses.Known to = addresses.find(member, System.nanoTime());
        if (to == null || !running) {
            return false;
        }
        Message message = new BytesMessage(to.address(), Frame.encode(frame)).putHeader(id, new FabricHeader());
        // The core has a window of its own; waiting for credits would stop heartbeats to everyone else.
        message.setFlag(Message.Flag.NO_FC);
        if (!to.inView() || frame instanceof Frame.Datagram) {
            message.setFlag(Message.Flag.NO_RELIABILITY); // nobody would ever acknowledge it, and it would be kept
        }
        try {
            down_prot.down(message);
            return true;
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "could not send to {0}: {1}", member, e.getMessage());
            return false;
        }
    }

    Set<String> connected() {
        return addresses.connected();
    }

    /** The state machine is taken when the log starts; a later one would have missed what was applied. */
    @Override
    public RAFT stateMachine(@Nullable StateMachine machine) {
        if (running && machine != null) {
            throw new IllegalStateException("set the state machine before the log is started");
        }
        state_machine = machine;
        return this;
    }

    /** Tells the listeners of jgroups-raft's own kind, which know no candidates; called by one thread at a time. */
    void tellRole() {
        Role now = switch (faces.status().role()) {
            case LEADER -> Role.Leader;
            case FOLLOWER, CANDIDATE -> Role.Follower;
            case LEARNER, HALTED -> Role.Learner;
        };
        if (now != told) {
            told = now;
            notifyRoleChangeListeners(now);
        }
    }

    private @Nullable Address address(@Nullable String member) {
        if (member == null) {
            return null;
        }
        if (member.equals(raft_id)) {
            return local_addr;
        }
        Addresses.Known known = addresses.find(member, System.nanoTime());
        return known == null ? null : known.address();
    }

    @Override
    public @Nullable Address leader() {
        return address(faces.status().leader());
    }

    @Override
    public boolean isLeader() {
        return faces.status().isLeader();
    }

    @Override
    public String role() {
        return faces.status().role().name();
    }

    @Override
    public long currentTerm() {
        return faces.status().term();
    }

    @Override
    public long commitIndex() {
        return faces.status().commitIndex();
    }

    @Override
    public long lastAppended() {
        return faces.lastAppended();
    }

    /** How many entries are in the log; older ones are in the snapshot. */
    @Override
    public long logSize() {
        return faces.logSize();
    }

    /** The raft thread alone touches the log. */
    @Override
    public void logEntries(ObjLongConsumer<LogEntry> function) {
        throw new UnsupportedOperationException("the log is read by the member alone");
    }

    /** As {@link #logEntries}. */
    @Override
    public long logSizeInBytes() {
        throw new UnsupportedOperationException("the log is read by the member alone");
    }

    @Override
    public List<String> members() {
        return new ArrayList<>(faces.status().voters());
    }

    @Override
    public int majority() {
        return faces.status().voters().size() / 2 + 1;
    }

    /** Appends a command on any member, through the leader. */
    @Override
    public CompletableFuture<byte[]> setAsync(byte[] buffer, int offset, int length, @Nullable Options options) {
        byte[] command = new byte[length];
        System.arraycopy(buffer, offset, command, 0, length);
        return faces.append(command);
    }

    /** Internal commands are the core's own business; this one is refused. */
    @Override
    public CompletableFuture<byte[]> setAsync(
            byte[] buffer, int offset, int length, boolean internal, @Nullable Options options) {
        if (internal) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException("use addServer and removeServer"));
        }
        return setAsync(buffer, offset, length, options);
    }

    /** A read goes through the log like a write: RAFT's own read was answered without a quorum. */
    @Override
    public CompletableFuture<byte[]> getAsync(byte[] buffer, int offset, int length, @Nullable Options options) {
        return setAsync(buffer, offset, length, options);
    }

    @Override
    public CompletableFuture<byte[]> addServer(String name) {
        return faces.addVoter(name);
    }

    @Override
    public CompletableFuture<byte[]> removeServer(String name) {
        return faces.removeVoter(name);
    }

    @Override
    public void snapshot() throws Exception {
        faces.snapshot().get();
    }

    @Override
    public CompletableFuture<Void> snapshotAsync() {
        return faces.snapshot();
    }
}
