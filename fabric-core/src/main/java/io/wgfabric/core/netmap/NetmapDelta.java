package io.wgfabric.core.netmap;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.core.netmap.Netmap.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What leads from one configuration to a later one of the same cluster and epoch. Members are absolute values, so it may
 * be applied to any configuration from {@code previous} on: what two managers put together differently overlaps without
 * harm. A member that was changed and changed back in between is in none, and a node that has heard of the first change
 * from another manager would keep it; therefore the delta says what it leads to, and who gets to something else asks for
 * a full configuration.
 *
 * @param previous the revision from which on it is complete
 * @param digest {@link DigestedNetmap#digest} of the configuration that it leads to
 * @param header {@link Netmap#header} of that configuration; null while it stays
 * @param changed those that are new or have changed, as they are now, in the order of their ids
 * @param removed those that are gone, in the order of their ids
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NetmapDelta(
        ClusterId cluster,
        long epoch,
        Revision revision,
        Revision previous,
        Bytes digest,
        @Nullable Netmap header,
        @Nullable List<Member> changed,
        @Nullable List<NodeId> removed) {

    public NetmapDelta {
        Objects.requireNonNull(cluster);
        Objects.requireNonNull(digest);
        var unused = new Edition(epoch, revision); // throws if it is none
        if (!previous.isBefore(revision)) {
            throw new IllegalArgumentException("a delta leads to a later revision");
        }
        changed = changed == null ? List.of() : List.copyOf(changed);
        removed = removed == null ? List.of() : List.copyOf(removed);
    }

    @Override
    public List<Member> changed() {
        return Objects.requireNonNull(changed);
    }

    @Override
    public List<NodeId> removed() {
        return Objects.requireNonNull(removed);
    }

    public Edition edition() {
        return new Edition(epoch, revision);
    }

    /** What leads from one to the other, a later one of the same cluster and epoch. */
    public static NetmapDelta between(DigestedNetmap older, DigestedNetmap newer) {
        Netmap from = older.netmap();
        Netmap to = newer.netmap();
        List<Member> changed = new ArrayList<>();
        List<NodeId> removed = new ArrayList<>();
        int at = 0;
        for (Member member : to.members()) {
            at = skip(from.members(), at, member.id(), removed);
            boolean known =
                    at < from.members().size() && from.members().get(at).id().equals(member.id());
            if (!known || !from.members().get(at).equals(member)) {
                changed.add(member);
            }
            at += known ? 1 : 0;
        }
        from.members().subList(at, from.members().size()).forEach(gone -> removed.add(gone.id()));
        Netmap header = to.header();
        return new NetmapDelta(
                to.cluster(),
                to.epoch(),
                to.revision(),
                from.revision(),
                newer.digest(),
                header.equals(from.header()) ? null : header,
                changed,
                removed);
    }

    /** Where the members from an id on begin; those before it are gone. */
    private static int skip(List<Member> members, int from, NodeId id, List<NodeId> gone) {
        int at = from;
        while (at < members.size() && members.get(at).id().compareTo(id) < 0) {
            gone.add(members.get(at).id());
            at++;
        }
        return at;
    }
}
