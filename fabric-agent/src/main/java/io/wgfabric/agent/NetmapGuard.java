package io.wgfabric.agent;

import io.wgfabric.api.Edition;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import java.io.IOException;

/**
 * Which configurations a node believes: those that its cluster signed and that are not older than the newest it has
 * seen, which is on the disk before anything is done with it. So what a dead epoch still says is refused for ever, and
 * a replay too. Thread-safe.
 */
public final class NetmapGuard {
    private final NodeStore store;
    private final NetmapVerifier verifier;
    private volatile Edition seen;

    /** The keys before it were retired; read from the stored configuration after a restart. */
    private volatile int signersFrom = 1;

    /** @throws IOException if what the node has seen cannot be read */
    public NetmapGuard(NodeStore store, NetmapVerifier verifier) throws IOException {
        this.store = store;
        this.verifier = verifier;
        seen = store.seen();
    }

    /** The newest that was admitted; {@link Edition#NONE} before the first. */
    public Edition seen() {
        return seen;
    }

    /**
     * Takes the configuration that the node has stored, whatever it has seen since: the tunnels come up with it.
     *
     * @throws CryptoException if it is not to be believed
     */
    Netmap restore(String stored) {
        Netmap netmap = verifier.verify(stored);
        if (seen.isBefore(netmap.edition())) {
            seen = netmap.edition();
        }
        signersFrom = Math.max(signersFrom, netmap.signersFrom());
        return netmap;
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

    /**
     * Verifies a configuration and, if it is newer, stores it.
     *
     * @throws CryptoException if it is not to be believed, or older than what was seen; the message says why
     * @throws IOException if it cannot be stored; then it was not admitted
     */
    public synchronized Netmap admit(String compact) throws IOException {
        Netmap offered = verifier.verify(compact, signersFrom);
        if (offered.epoch() < seen.epoch()) {
            throw new CryptoException(offered.edition() + " is of an epoch that is over: the cluster was recovered as"
                    + " epoch " + seen.epoch() + "; stop the managers that were left behind");
        }
        if (offered.edition().isBefore(seen)) {
            throw new CryptoException(offered.edition() + " is older than " + seen);
        }
        if (seen.isBefore(offered.edition())) {
            store.saveNetmap(compact, offered.edition());
            seen = offered.edition();
        }
        follow(offered);
        signersFrom = Math.max(signersFrom, offered.signersFrom());
        return offered;
    }
}
