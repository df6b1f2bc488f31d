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
        RaftLoop.Published now = member.published();
        return now == null ? 0 : now.lastIndex();
    }

    @Override
    public long logSize() {
        RaftLoop.Published now = member.published();
        return now == null ? 0 : now.lastIndex() - now.baseIndex();
    }

    @Override
    public CompletableFuture<byte[]> append(byte[] command) {
        return member.append(command, member.faceTimeout()).thenApply(MemberFaces::answer);
    }

    /** A state machine may answer nothing; the very same array stands for that on its way. */
    @SuppressWarnings({"ReferenceEquality", "NullAway"})
    private static byte[] answer(byte[] answer) {
        return answer == StateMachineReplica.NO_ANSWER ? null : answer;
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
