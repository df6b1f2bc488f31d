package io.wgfabric.core.netmap;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Edition;
import io.wgfabric.api.Revision;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a manager has signed of the newest configuration, as a log: a full one, the base, and deltas. A change is signed
 * as a delta; the base is signed anew once the deltas after it are as long as itself. So a change costs a signature of
 * its own size, and a newcomer gets at most twice the mesh. Deltas from before the base are kept for those who are a
 * little behind, as long as all of them are no longer than a base. Immutable; what is signed is shared.
 */
public final class PublishedNetmap {

    /**
     * One that is signed.
     *
     * @param digest of the configuration that it leads to
     * @param text {@link SignedDelta#line}
     * @param line the same with the end of the line in UTF-8, as it is sent; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Delta(Revision previous, Revision revision, Bytes digest, String text, byte[] line) {
        static Delta of(NetmapDelta delta, SignedDelta signed) {
            String text = signed.line();
            return new Delta(
                    delta.previous(),
                    delta.revision(),
                    delta.digest(),
                    text,
                    (text + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private final DigestedNetmap newest;
    private final NetmapSigner signer;
    private final String base;
    private final Revision baseRevision;
    /** Each leads on from the one before. */
    private final List<Delta> deltas;

    private PublishedNetmap(
            DigestedNetmap newest, NetmapSigner signer, String base, Revision baseRevision, List<Delta> deltas) {
        this.newest = newest;
        this.signer = signer;
        this.base = base;
        this.baseRevision = baseRevision;
        this.deltas = deltas;
    }

    /** Begins with a base. */
    public static PublishedNetmap begin(Netmap netmap, NetmapSigner signer) {
        return whole(DigestedNetmap.of(netmap), signer, List.of());
    }

    private static PublishedNetmap whole(DigestedNetmap newest, NetmapSigner signer, List<Delta> kept) {
        String base = signer.sign(newest.netmap());
        return new PublishedNetmap(newest, signer, base, newest.netmap().revision(), newestOf(kept, base.length()));
    }

    /** As many of the newest as are together no longer than that. */
    private static List<Delta> newestOf(List<Delta> deltas, int length) {
        int from = deltas.size();
        long sum = 0;
        while (from > 0 && sum + deltas.get(from - 1).line().length <= length) {
            from--;
            sum += deltas.get(from).line().length;
        }
        return List.copyOf(deltas.subList(from, deltas.size()));
    }

    /**
     * Goes on with a later configuration.
     *
     * @param now who signs now; deltas are of one signer, and change nothing of who is believed
     */
    public PublishedNetmap next(Netmap later, NetmapSigner now) {
        if (now != signer || !later.trusts().equals(netmap().trusts())) {
            return begin(later, now);
        }
        DigestedNetmap next = newest.next(later);
        NetmapDelta delta = NetmapDelta.between(newest, next);
        List<Delta> longer = new ArrayList<>(deltas);
        longer.add(Delta.of(delta, signer.sign(delta)));
        long since = longer.stream()
                .filter(each -> baseRevision.isBefore(each.revision()))
                .mapToLong(each -> each.line().length)
                .sum();
        return since > base.length()
                ? whole(next, signer, longer)
                : new PublishedNetmap(next, signer, base, baseRevision, newestOf(longer, base.length()));
    }

    /** The same with the newest configuration as its base. */
    public PublishedNetmap whole() {
        return baseRevision.equals(netmap().revision()) ? this : whole(newest, signer, deltas);
    }

    public Netmap netmap() {
        return newest.netmap();
    }

    public Edition edition() {
        return netmap().edition();
    }

    public Bytes digest() {
        return newest.digest();
    }

    /** Who has signed all of it. */
    public NetmapSigner signer() {
        return signer;
    }

    /** What a newcomer gets. */
    public SignedNetmap signed() {
        return new SignedNetmap(
                base,
                deltas.stream()
                        .filter(delta -> baseRevision.isBefore(delta.revision()))
                        .map(Delta::text)
                        .toList());
    }

    /**
     * What leads on from a configuration that this signer signed.
     *
     * @return null if nothing that is kept does, or there is nothing newer
     */
    public @Nullable Delta after(Edition have) {
        if (have.epoch() != netmap().epoch()) {
            return null;
        }
        int low = 0;
        int high = deltas.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (have.revision().isBefore(deltas.get(middle).revision())) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low == deltas.size() || have.revision().isBefore(deltas.get(low).previous()) ? null : deltas.get(low);
    }

    /** The digest of the configuration that it had at a revision of its epoch, if that is known yet. */
    public Optional<Bytes> digestAt(Revision revision) {
        if (!revision.isBefore(netmap().revision())) {
            return Optional.of(digest());
        }
        Delta next = after(new Edition(netmap().epoch(), new Revision(Math.max(0, revision.number() - 1))));
        return next != null && next.revision().equals(revision) ? Optional.of(next.digest()) : Optional.empty();
    }

    @Override
    public String toString() {
        return "PublishedNetmap[" + edition() + ", " + deltas.size() + " deltas]";
    }
}
