package io.wgfabric.core;

import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.PublishedNetmap;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Signs each change of the configuration once, however many nodes ask for it. Thread-safe. */
public final class NetmapPublisher {

    /** @param looked the newest state at which it was known to be what nodes see */
    private record Newest(PublishedNetmap published, Edition looked) {}

    private final Supplier<NetmapSigner> signers;
    private volatile @Nullable Newest newest;

    /** @param signers who signs now */
    public NetmapPublisher(Supplier<NetmapSigner> signers) {
        this.signers = signers;
    }

    /**
     * The configuration of this view or of a later one; of an earlier revision, if nothing that nodes see has changed
     * since. The same object as before while there is no news. Empty before the cluster was bootstrapped.
     */
    public Optional<PublishedNetmap> at(FabricView view) {
        return at(view, Edition.NONE);
    }

    /**
     * The same, of no earlier revision than a node has seen, if the view is of none: another manager looks at other
     * moments, and may have told the node of a change that was taken back.
     */
    public Optional<PublishedNetmap> at(FabricView view, Edition seen) {
        if (view.cluster().isEmpty()) {
            return Optional.empty();
        }
        Newest known = newest;
        if (known == null || !serves(known, view, seen)) {
            known = publish(view, seen);
        }
        return Optional.of(known.published());
    }

    private boolean serves(Newest known, FabricView view, Edition seen) {
        boolean early =
                known.published().edition().isBefore(seen) && !view.edition().isBefore(seen);
        return known.published().signer() == signers.get() && !known.looked().isBefore(view.edition()) && !early;
    }

    private synchronized Newest publish(FabricView view, Edition seen) {
        Newest known = newest;
        NetmapSigner signer = signers.get();
        if (known == null) {
            known = new Newest(PublishedNetmap.begin(Netmap.of(view).orElseThrow(), signer), view.edition());
        } else if (!serves(known, view, seen) && !view.edition().isBefore(known.looked())) {
            PublishedNetmap before = known.published();
            Netmap fresh = Netmap.of(view).orElseThrow();
            boolean news = signer != before.signer() || !fresh.saysTheSameAs(before.netmap());
            boolean early = before.edition().isBefore(seen) && !fresh.edition().isBefore(seen);
            known = new Newest(news || early ? before.next(fresh, signer) : before, view.edition());
        }
        newest = known;
        return known;
    }

    /** One full configuration, in compact form. */
    public Optional<String> signed(FabricView view) {
        return at(view).map(published -> whole(published).signed().base());
    }

    private synchronized PublishedNetmap whole(PublishedNetmap published) {
        PublishedNetmap whole = published.whole();
        Newest known = newest;
        if (known != null && known.published() == published) {
            newest = new Newest(whole, known.looked());
        }
        return whole;
    }
}
