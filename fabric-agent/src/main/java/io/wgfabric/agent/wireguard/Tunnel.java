package io.wgfabric.agent.wireguard;

import java.util.List;

/**
 * The WireGuard interfaces of this node, in the kernel or in a process of their own. They live on when this process
 * ends; a new one finds them by {@link #read()}.
 *
 * <p>Threading: not thread-safe; one thread calls it. Blocking: every method blocks for as long as the system takes,
 * each step at most 10 s, after which it throws. Idempotence: {@link #read()} changes nothing; {@link #tearDown()} may
 * be repeated; {@link #apply} takes changes that were computed from the latest {@link #read()} and is safe to repeat
 * after a new one.
 */
public interface Tunnel {

    /**
     * What exists now. What others do to interfaces, addresses and routes may show some milliseconds later.
     *
     * @throws TunnelException if the system does not answer, or an interface of our name is someone else's
     */
    ActualNetwork read();

    /**
     * Carries out the changes in their order; peers of one plane that follow each other go in one transaction.
     *
     * @throws TunnelException if one fails: those before it are done, those after it are not. If the reason is a listen
     *     port that is in use, an interface that was being made is removed again.
     */
    void apply(List<Change> changes);

    /**
     * Removes the interfaces and with them their addresses and routes. Does nothing if there are none.
     *
     * @throws TunnelException if the system refuses
     */
    void tearDown();

    /**
     * Lets go of what only makes {@link #read()} cheap; the interfaces stay, and everything works as before. May be
     * repeated.
     */
    default void release() {}

    /** Which WireGuard this is, for people: {@code kernel} or the name of a program, and its version if it tells. */
    String backend();
}
