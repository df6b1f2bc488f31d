package io.wgfabric.simulation.world;

import java.nio.ByteBuffer;

/** A state that is a hash over all commands: the cheapest one in which every difference shows. */
final class OpaqueReplica implements WorldReplica {
    private final String member;
    private final RaftChecker checker;
    private long index;
    private long digest;

    OpaqueReplica(String member, RaftChecker checker) {
        this.member = member;
        this.checker = checker;
    }

    @Override
    public byte[] apply(long at, byte[] command) {
        long mixed = digest * 31 + at;
        for (byte each : command) {
            mixed = mixed * 31 + each;
        }
        index = at;
        digest = mixed;
        checker.applied(member, at, command, digest);
        return command;
    }

    @Override
    public byte[] snapshot() {
        return ByteBuffer.allocate(16).putLong(index).putLong(digest).array();
    }

    @Override
    public void restore(byte[] snapshot) {
        ByteBuffer in = ByteBuffer.wrap(snapshot);
        index = in.getLong();
        digest = in.getLong();
        checker.restored(member, index, digest);
    }

    @Override
    public long digest() {
        return digest;
    }
}
