package io.wgfabric.jgroups.stack;

/** How a member reaches another one by its raft id. Never blocks for long; what it cannot send is lost. */
public interface Network {

    /** Sends a frame; returns false when no address of the member is known. */
    boolean send(String member, Frame frame);
}
