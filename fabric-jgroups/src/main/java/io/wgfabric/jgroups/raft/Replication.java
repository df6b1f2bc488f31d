package io.wgfabric.jgroups.raft;

import io.wgfabric.jgroups.raft.Effects.Chunk;
import io.wgfabric.jgroups.raft.Effects.Send;
import io.wgfabric.jgroups.raft.Message.AppendRequest;
import io.wgfabric.jgroups.raft.Message.AppendResponse;
import io.wgfabric.jgroups.raft.Message.SnapshotResponse;
import io.wgfabric.jgroups.raft.Progress.State;
import io.wgfabric.jgroups.raft.RaftCore.Role;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A leader's side of replication, to voters and to every connected learner (dissertation sections 3.5, 4.2.1, 5.1,
 * 10.2).
 */
final class Replication {
    /** A piece of a snapshot that is not acknowledged is sent again after this many heartbeats. */
    private static final int CHUNK_PATIENCE = 8;

    private final RaftCore core;
    private final TreeMap<String, Progress> peers = new TreeMap<>();
    private long lastHeartbeat;

    Replication(RaftCore core) {
        this.core = core;
    }

    void start() {
        peers.clear();
        lastHeartbeat = core.now;
        syncPeers();
    }

    void stop() {
        peers.clear();
    }

    /** Follows the configuration and the network: whoever is in neither is forgotten. */
    void syncPeers() {
        if (core.role != Role.LEADER) {
            return;
        }
        TreeSet<String> wanted = new TreeSet<>(core.connected);
        wanted.addAll(core.configuration().voters());
        wanted.remove(core.self);
        peers.keySet().retainAll(wanted);
        for (String id : wanted) {
            peers.computeIfAbsent(id, key -> new Progress(key, core.log.lastIndex() + 1, core.now));
        }
    }

    @Nullable Progress peer(String id) {
        return peers.get(id);
    }

    long match(String id) {
        Progress peer = peers.get(id);
        return peer == null ? 0 : peer.match;
    }

    SortedSet<String> answeredWithin(long millis) {
        TreeSet<String> found = new TreeSet<>();
        for (Progress peer : peers.values()) {
            if (core.now - peer.contact <= millis) {
                found.add(peer.id);
            }
        }
        return found;
    }

    SortedSet<String> confirmed(long round) {
        TreeSet<String> found = new TreeSet<>();
        for (Progress peer : peers.values()) {
            if (peer.round >= round) {
                found.add(peer.id);
            }
        }
        return found;
    }

    boolean isSendingSnapshot() {
        for (Progress peer : peers.values()) {
            if (peer.state == State.SNAPSHOT && core.now - peer.contact < 2 * core.settings.electionMillis()) {
                return true;
            }
        }
        return false;
    }

    /** The member waits for this index: it hears of the commit without waiting for a heartbeat. */
    void waits(String id, long index) {
        Progress peer = peers.get(id);
        if (peer != null) {
            peer.waitsFor = Math.max(peer.waitsFor, index);
        }
    }

    void tick() {
        if (core.now - lastHeartbeat >= core.settings.heartbeatMillis()) {
            lastHeartbeat = core.now;
            heartbeatAll();
        }
    }

    void heartbeatAll() {
        for (Progress peer : peers.values()) {
            peer.heartbeatDue = true;
        }
    }

    void sendAll() {
        for (Progress peer : peers.values()) {
            sendTo(peer);
        }
    }

    private void sendTo(Progress peer) {
        if (peer.state != State.SNAPSHOT && !core.log.knows(peer.next - 1)) {
            peer.sendSnapshot(core.snapshot);
        }
        switch (peer.state) {
            case SNAPSHOT -> sendChunk(peer);
            case PROBE -> sendProbe(peer);
            case REPLICATE -> pipeline(peer);
        }
    }

    private void sendProbe(Progress peer) {
        if (!peer.probeSent) {
            peer.probeSent = true;
            request(peer, peer.next - 1, batch(peer));
        } else if (peer.heartbeatDue) {
            request(peer, peer.next - 1, List.of());
        }
    }

    private void pipeline(Progress peer) {
        while (peer.next <= core.log.lastIndex() && peer.inflight() < core.settings.maxInflight()) {
            List<Entry> entries = batch(peer);
            long previous = peer.next - 1;
            peer.sent(previous + entries.size());
            request(peer, previous, entries);
        }
        boolean waiting =
                peer.waitsFor > peer.toldCommit && core.commit >= peer.waitsFor && peer.match >= peer.waitsFor;
        if (peer.heartbeatDue || waiting) {
            // It goes after everything in flight, so a lost message shows as a mismatch within one heartbeat.
            request(peer, peer.next - 1, List.of());
        }
    }

    private List<Entry> batch(Progress peer) {
        return core.log.from(peer.next, core.settings.maxMessageEntries(), core.settings.maxMessageBytes());
    }

    private void request(Progress peer, long previous, List<Entry> entries) {
        long previousTerm = core.log.term(previous);
        peer.heartbeatDue = false;
        peer.toldCommit = Math.max(peer.toldCommit, Math.min(core.commit, previous + entries.size()));
        core.out
                .early()
                .add(new Send(
                        peer.id,
                        new AppendRequest(
                                core.term, core.leading.reads.round(), previous, previousTerm, core.commit, entries)));
    }

    private void sendChunk(Progress peer) {
        if (!peer.snapshot.equals(core.snapshot)) {
            peer.sendSnapshot(core.snapshot); // the older one is no longer on disk
        }
        boolean lost = core.now - peer.chunkSentAt >= CHUNK_PATIENCE * core.settings.heartbeatMillis();
        if (!peer.chunkOutstanding || lost) {
            peer.chunkOutstanding = true;
            peer.chunkSentAt = core.now;
            core.out
                    .chunks()
                    .add(new Chunk(
                            peer.id,
                            core.term,
                            core.leading.reads.round(),
                            peer.snapshot,
                            core.snapshotSize,
                            peer.chunkOffset));
        }
        if (peer.heartbeatDue) {
            // Index 0 matches every log, and verifies nothing that could be committed by it.
            peer.heartbeatDue = false;
            core.out
                    .early()
                    .add(new Send(
                            peer.id, new AppendRequest(core.term, core.leading.reads.round(), 0, 0, 0, List.of())));
        }
    }

    void chunkAcknowledged(String from, SnapshotResponse response) {
        Progress peer = heard(from, response.round());
        if (peer == null || peer.state != State.SNAPSHOT || peer.snapshot.index() != response.index()) {
            return;
        }
        // An answer to a repeated piece changes nothing, or two streams of pieces would run beside each other.
        if (response.offset() != peer.chunkOffset) {
            peer.chunkOffset = response.offset();
            peer.chunkOutstanding = false;
        }
    }

    void acknowledged(String from, AppendResponse response) {
        Progress peer = heard(from, response.round());
        if (peer == null) {
            return;
        }
        if (!response.success()) {
            refused(peer, response);
            return;
        }
        peer.acknowledge(response.index());
        if (peer.state == State.PROBE) {
            peer.replicate();
        } else if (peer.state == State.SNAPSHOT && core.log.knows(peer.match)) {
            peer.probe(peer.match + 1);
        }
    }

    private @Nullable Progress heard(String from, long round) {
        Progress peer = core.role == Role.LEADER ? peers.get(from) : null;
        if (peer != null) {
            peer.contact = core.now;
            peer.round = Math.max(peer.round, round);
        }
        return peer;
    }

    /** A refusal of something older than what is known to match, or of an older probe, says nothing new. */
    private void refused(Progress peer, AppendResponse response) {
        if (response.index() >= peer.match && response.hint() < peer.match && peer.state != State.SNAPSHOT) {
            // It may have joined again with an empty disk. To count on less than there is, is safe.
            peer.match = 0;
            peer.probe(response.hint() + 1);
            return;
        }
        if (response.index() <= peer.match || peer.state == State.SNAPSHOT) {
            return;
        }
        if (peer.state == State.REPLICATE) {
            peer.probe(peer.match + 1);
        } else if (response.index() == peer.next - 1) {
            peer.probe(Math.min(response.index(), response.hint() + 1));
        }
    }
}
