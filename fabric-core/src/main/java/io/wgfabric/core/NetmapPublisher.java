package io.wgfabric.core;

import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.NetmapViews;
import io.wgfabric.core.netmap.PublishedNetmap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Signs each change of the configuration once, however many nodes ask for it; in a hub topology once for the hubs, and
 * once for each spoke that it concerns. Thread-safe.
 */
public final class NetmapPublisher {

    /** @param looked the newest state at which it was known to be what nodes see */
    private record Newest(PublishedNetmap published, Edition looked) {}

    private final Supplier<NetmapSigner> signers;
    private final Publication whole = new Publication(Netmap::of);
    private final Map<NodeId, Publication> spokes = new ConcurrentHashMap<>();
    private volatile @Nullable NetmapViews views;

    /** @param signers who signs now */
    public NetmapPublisher(Supplier<NetmapSigner> signers) {
        this.signers = signers;
    }

    /**
     * What those nodes see that are no spokes, at this view or at a later one; of an earlier revision, if nothing of it
     * has changed since. The same object as before while there is no news. Empty before the cluster was bootstrapped.
     */
    public Optional<PublishedNetmap> at(FabricView view) {
        return at(view, Edition.NONE);
    }

    /**
     * The same, of no earlier revision than a node has seen, if the view is of none: another manager looks at other
     * moments, and may have told the node of a change that was taken back.
     */
    public Optional<PublishedNetmap> at(FabricView view, Edition seen) {
        return view.cluster().map(cluster -> whole.at(view, seen));
    }

    /** The same of what one node sees. */
    public Optional<PublishedNetmap> at(FabricView view, NodeId node, Edition seen) {
        return view.cluster().map(cluster -> publication(view, node).at(view, seen));
    }

    /** One full configuration of what a node sees, in compact form. */
    public Optional<String> signed(FabricView view, NodeId node) {
        return view.cluster().map(cluster -> publication(view, node).signed(view));
    }

    /** The same of what those see that are no spokes. */
    public Optional<String> signed(FabricView view) {
        return view.cluster().map(cluster -> whole.signed(view));
    }

    private Publication publication(FabricView view, NodeId node) {
        return NetmapViews.isSpoke(view, node)
                ? spokes.computeIfAbsent(
                        node, id -> new Publication(at -> Optional.of(views(at).of(id))))
                : whole;
    }

    /** Forgets what was published for nodes that are no spokes any more. */
    public void retain(FabricView view) {
        spokes.keySet().removeIf(node -> !NetmapViews.isSpoke(view, node));
    }

    /** Kept from one spoke to the next. */
    private NetmapViews views(FabricView view) {
        NetmapViews known = views;
        if (known == null || !known.edition().equals(view.edition())) {
            known = NetmapViews.of(view);
            views = known;
        }
        return known;
    }

    /** What one kind of node sees. */
    private final class Publication {
        private final Function<FabricView, Optional<Netmap>> netmaps;
        private volatile @Nullable Newest newest;

        Publication(Function<FabricView, Optional<Netmap>> netmaps) {
            this.netmaps = netmaps;
        }

        PublishedNetmap at(FabricView view, Edition seen) {
            Newest known = newest;
            if (known == null || !serves(known, view, seen)) {
                known = publish(view, seen);
            }
            return known.published();
        }

        private boolean serves(Newest known, FabricView view, Edition seen) {
            boolean early = known.published().edition().isBefore(seen)
                    && !view.edition().isBefore(seen);
            return known.published().signer() == signers.get()
                    && !known.looked().isBefore(view.edition())
                    && !early;
        }

        private synchronized Newest publish(FabricView view, Edition seen) {
            Newest known = newest;
            NetmapSigner signer = signers.get();
            if (known == null) {
                known = new Newest(PublishedNetmap.begin(netmaps.apply(view).orElseThrow(), signer), view.edition());
            } else if (!serves(known, view, seen) && !view.edition().isBefore(known.looked())) {
                PublishedNetmap before = known.published();
                Netmap fresh = netmaps.apply(view).orElseThrow();
                boolean news = signer != before.signer() || !fresh.saysTheSameAs(before.netmap());
                boolean early =
                        before.edition().isBefore(seen) && !fresh.edition().isBefore(seen);
                known = new Newest(news || early ? before.next(fresh, signer) : before, view.edition());
            }
            newest = known;
            return known;
        }

        String signed(FabricView view) {
            return whole(at(view, Edition.NONE)).signed().base();
        }

        private synchronized PublishedNetmap whole(PublishedNetmap published) {
            PublishedNetmap all = published.whole();
            Newest known = newest;
            if (known != null && known.published() == published) {
                newest = new Newest(all, known.looked());
            }
            return all;
        }
    }
}
