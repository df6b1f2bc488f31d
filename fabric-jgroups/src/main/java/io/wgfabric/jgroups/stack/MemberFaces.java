package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.LogStatus;
import java.util.concurrent.CompletableFuture;

/** Answers the public faces of jgroups-raft's {@code RAFT} from a member. */
final class MemberFaces implements FabricRaft.Faces {
    private static final byte[] DONE = {};

    private final Member member;

    MemberFaces(Member member) {
        this.member = member;
    }

    @Override
    public LogStatus status() {
        return member.status();
    }

    @Override
    public long lastAppended() {
        return member.lastAppended();
    }

    @Override
    public CompletableFuture<byte[]> append(byte[] command) {
        return member.append(command, member.faceTimeout());
    }

    @Override
    public CompletableFuture<byte[]> addVoter(String id) {
        return member.addVoter(id, member.faceTimeout()).thenApply(done -> DONE);
    }

    @Override
    public CompletableFuture<byte[]> removeVoter(String id) {
        return member.removeVoter(id, member.faceTimeout()).thenApply(done -> DONE);
    }

    @Override
    public CompletableFuture<Void> snapshot() {
        return member.snapshot();
    }
}
