package io.wgfabric.core;

import io.wgfabric.api.FabricView;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Signs the configuration once for each change, of the signing key too, and keeps the newest, however many nodes ask for it. Thread-safe.
 */
public final class NetmapPublisher {

    /** @param text the signed form of it */
    private record Signed(Netmap netmap, NetmapSigner signer, String text) {}

    private final Supplier<NetmapSigner> signers;
    private volatile @Nullable Signed newest;

    /** @param signers who signs now */
    public NetmapPublisher(Supplier<NetmapSigner> signers) {
        this.signers = signers;
    }

    /** The signed configuration of this view; of an earlier revision, if nothing that nodes see has changed since. */
    public Optional<String> signed(FabricView view) {
        return Netmap.of(view).map(this::signed);
    }

    String signed(Netmap netmap) {
        Signed current = newest;
        if (current == null || current.signer() != signers.get() || !covers(current.netmap(), netmap)) {
            current = sign(netmap);
        }
        return current.text();
    }

    private synchronized Signed sign(Netmap netmap) {
        Signed current = newest;
        NetmapSigner signer = signers.get();
        if (current != null && current.signer() == signer && covers(current.netmap(), netmap)) {
            return current;
        }
        Signed fresh = new Signed(netmap, signer, signer.sign(netmap));
        if (current == null || !netmap.edition().isBefore(current.netmap().edition())) {
            newest = fresh;
        }
        return fresh;
    }

    private static boolean covers(Netmap current, Netmap wanted) {
        return current.edition().equals(wanted.edition()) || current.saysTheSameAs(wanted);
    }
}
