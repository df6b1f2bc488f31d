package io.wgfabric.agent;

import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.GapException;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.netmap.VerifiedNetmap;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Which configurations a node believes: those that its cluster signed and that are not older than the newest it has
 * seen, which is on the disk before anything is done with it. So what a dead epoch still says is refused for ever, and
 * a replay too. Thread-safe.
 */
public final class NetmapGuard {
    /** How many times as long as the full configuration the deltas after it may get before a new one is asked for. */
    private static final int MAX_GROWTH = 2;

    private final NodeStore store;
    private final NodeId self;
    private final NetmapVerifier verifier;

    /** Nodes that began together do not all ask for a full configuration in the same moment. */
    private final double maxGrowth = MAX_GROWTH + ThreadLocalRandom.current().nextDouble();

    private volatile Edition seen;
    private volatile @Nullable VerifiedNetmap have;
    private volatile boolean needsFull;
    private final AtomicLong refused = new AtomicLong();

    /** The keys before it were retired; read from the stored configuration after a restart. */
    private volatile int signersFrom = 1;

    /**
     * @param self the node that the store is of
     * @throws IOException if what the node has seen cannot be read
     */
    public NetmapGuard(NodeStore store, NodeId self, NetmapVerifier verifier) throws IOException {
        this.store = store;
        this.self = self;
        this.verifier = verifier;
        seen = store.seen();
    }

    /** The newest that was admitted; {@link Edition#NONE} before the first. */
    public Edition seen() {
        return seen;
    }

    /** What the node has; null before the first. */
    @Nullable VerifiedNetmap have() {
        return have;
    }

    /** How many were refused since this process started; those that merely did not lead on are not among them. */
    long refused() {
        return refused.get();
    }

    /** Whether no delta leads on from what the node has, or too many have. */
    boolean needsFull() {
        return needsFull;
    }

    /** What a node says when it opens a stream, so that it is told no more than it lacks. */
    String query(boolean full) {
        VerifiedNetmap current = have;
        Edition newest = seen;
        if (newest.equals(Edition.NONE)) {
            return "";
        }
        String query = "?epoch=" + newest.epoch() + "&revision=" + newest.revision();
        if (current == null || !current.edition().equals(newest) || needsFull || full) {
            return query;
        }
        return query + "&signer=" + current.signer();
    }

    /**
     * Takes the configuration that the node has stored, as far as it is good, whatever it has seen since: the tunnels
     * come up with it.
     *
     * @throws CryptoException if nothing of it is to be believed
     */
    synchronized NetmapVerifier.Restored restore(SignedNetmap stored) {
        NetmapVerifier.Restored restored = verifier.restore(stored);
        VerifiedNetmap verified = restored.verified();
        requireMine(verified.netmap());
        store.keepNetmap(new SignedNetmap(stored.base(), stored.deltas().subList(0, restored.deltas())));
        have = verified;
        if (seen.isBefore(verified.edition())) {
            seen = verified.edition();
        }
        signersFrom = Math.max(signersFrom, verified.netmap().signersFrom());
        return restored;
    }

    /**
     * After the configuration itself is stored: one under an authority that is retired would bring up no tunnels after a
     * restart. A manager's process believes what the state says, and needs not be told.
     */
    private void follow(Netmap netmap) throws IOException {
        Authorities next = netmap.authorities() == null ? null : verifier.after(netmap);
        if (next != null && store.identity().role() == Role.PEER && !next.equals(store.authorities())) {
            store.believe(next);
        }
    }

    /** The same as {@link #admit(SignedNetmap)} of a full one alone, in compact form. */
    public Netmap admit(String compact) throws IOException {
        return admit(SignedNetmap.of(compact));
    }

    /**
     * Verifies a configuration and stores it.
     *
     * @throws CryptoException if it is not to be believed, or older than what was seen; the message says why
     * @throws IOException if it cannot be stored; then it was not admitted
     */
    public synchronized Netmap admit(SignedNetmap signed) throws IOException {
        VerifiedNetmap offered;
        try {
            offered = verifier.verify(signed, signersFrom);
            requireMine(offered.netmap());
            requireNotOlder(offered.edition());
        } catch (CryptoException e) {
            refused.incrementAndGet();
            throw e;
        }
        store.saveNetmap(signed, offered.edition());
        have = offered;
        seen = offered.edition();
        needsFull = false;
        follow(offered.netmap());
        signersFrom = Math.max(signersFrom, offered.netmap().signersFrom());
        return offered.netmap();
    }

    /** A delta does not change whose it is, so this is asked of full ones alone. */
    private void requireMine(Netmap netmap) {
        if (!netmap.isFor(self)) {
            throw new CryptoException("the configuration was signed for another node of this cluster");
        }
    }

    private void requireNotOlder(Edition offered) {
        if (offered.epoch() < seen.epoch()) {
            throw new CryptoException(offered + " is of an epoch that is over: the cluster was recovered as epoch "
                    + seen.epoch() + "; stop the managers that were left behind");
        }
        if (offered.isBefore(seen)) {
            throw new CryptoException(offered + " is older than " + seen);
        }
    }

    /**
     * Verifies a delta, applies it to what the node has, and stores it.
     *
     * @param line {@link io.wgfabric.core.netmap.SignedDelta#line}
     * @throws CryptoException if it is not to be believed, or leads to nothing newer; the message says why
     * @throws GapException if it does not lead on from what the node has: it needs a full one
     * @throws IOException if it cannot be stored; then it was not admitted
     */
    public synchronized Netmap admitDelta(String line) throws IOException {
        VerifiedNetmap current = have;
        if (current == null || current.edition().isBefore(seen)) {
            needsFull = true;
            throw new GapException("the node has no configuration that a delta could follow");
        }
        VerifiedNetmap next;
        try {
            next = verifier.follow(current, line, signersFrom);
        } catch (GapException e) {
            needsFull = true;
            throw e;
        } catch (CryptoException e) {
            refused.incrementAndGet();
            throw e;
        }
        store.appendDelta(line);
        have = next;
        seen = next.edition();
        needsFull = store.growth() > maxGrowth;
        return next.netmap();
    }
}
