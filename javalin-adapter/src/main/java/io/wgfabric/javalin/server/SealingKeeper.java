package io.wgfabric.javalin.server;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.SealingDesk;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Sealer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;

/**
 * Keeps this manager's sealing key in step with the state: after a rotation it opens what was encrypted to it, stores
 * the new key, and gives that one to who joins. It looks at what is, so that a rotation that was missed, or a stop at
 * any step, is made up for at the next look. Thread-safe.
 */
final class SealingKeeper {
    private static final Logger LOGGER = System.getLogger(SealingKeeper.class.getName());

    private final SealingKeyFile file;
    private final NodeId self;
    private int generation;
    private int complained;

    SealingKeeper(SealingKeyFile file, NodeId self) {
        this.file = file;
        this.self = self;
    }

    /**
     * What opens the secrets of a view, which is the newest that is known here.
     *
     * @throws CryptoException if this manager has no part in the cluster's sealing key; the message says what to do
     * @throws UncheckedIOException if the new key cannot be stored
     */
    synchronized Bytes keyOf(FabricView view) {
        byte[] key = new byte[0];
        try {
            follow(view);
            key = file.sealingKey();
            return Bytes.of(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** Looks whether there is a newer key; what is wrong is said once for each rotation. */
    synchronized void look(FabricView view) {
        try {
            keyOf(view);
        } catch (CryptoException e) {
            if (complained != view.sealing().generation()) {
                complained = view.sealing().generation();
                LOGGER.log(Level.ERROR, e.getMessage());
            }
        }
    }

    Sealer sealerOf(FabricView view) {
        return new Sealer(keyOf(view).toArray());
    }

    private void follow(FabricView view) throws IOException {
        int newest = view.sealing().generation();
        if (newest <= generation) {
            return;
        }
        byte[] key = file.sealingKey();
        try {
            if (!SealingDesk.opens(view, key)) {
                takeWrapped(view);
            }
            generation = newest;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private void takeWrapped(FabricView view) throws IOException {
        byte[] fresh = SealingDesk.unwrap(view, self, file.managerKey());
        if (fresh == null) {
            throw new CryptoException("this is not the sealing key of this cluster, and the newest one was not given to"
                    + " this manager: restore the key file, or remove this manager and join again");
        }
        try {
            if (!SealingDesk.opens(view, fresh)) {
                throw new CryptoException("the cluster's secrets are not sealed under the key that was given to this"
                        + " manager; rotate the sealing key again");
            }
            file.replace(fresh);
            LOGGER.log(
                    Level.INFO,
                    "the sealing key is of generation {0} now, and stored",
                    Integer.toString(view.sealing().generation()));
        } finally {
            Arrays.fill(fresh, (byte) 0);
        }
    }
}
