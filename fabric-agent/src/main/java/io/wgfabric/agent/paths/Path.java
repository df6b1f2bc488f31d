package io.wgfabric.agent.paths;

import io.wgfabric.api.NodeId;
import org.jspecify.annotations.Nullable;

/** How this node's packets get to another one. */
public sealed interface Path {

    /**
     * Straight to it.
     *
     * @param candidate where it may be; null if that is not known, or for the other end to find out
     * @param initiator whether this node begins the handshakes
     * @param keepaliveSeconds 0 for none
     */
    record Direct(@Nullable Candidate candidate, boolean initiator, int keepaliveSeconds) implements Path {}

    /**
     * Through another node. WireGuard is hop by hop: that node sees what it forwards in the clear.
     *
     * @param via a hub that both ends choose alike
     * @param attempt the direct way that is being tried meanwhile; null while none is
     */
    record Relayed(NodeId via, @Nullable Direct attempt) implements Path {}
}
