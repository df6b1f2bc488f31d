package io.wgfabric.agent;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeEndpoints;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where this node is, as it has to be told to the others: its addresses, and what a NAT makes of its WireGuard port as
 * managers see it. Pure; one thread uses it.
 */
final class Whereabouts {
    /** Enough to know a NAT that gives each destination another port as such (RFC 5780 section 4.3). */
    private static final int VIEWS = 2;

    private final Map<String, Endpoint> views = new TreeMap<>();
    private @Nullable NodeEndpoints candidate;
    private int asked;

    /** A manager says where it sees this node; null if it does not see it now, which says nothing. */
    void seen(String manager, @Nullable Endpoint endpoint) {
        if (endpoint == null || endpoint.equals(views.get(manager))) {
            return;
        }
        if (views.containsKey(manager) || views.size() == VIEWS) {
            // What others saw before it changed is no longer to be compared with.
            views.clear();
        }
        views.put(manager, endpoint);
    }

    /** Forgets what managers said that are none any more. */
    void retain(List<String> managers) {
        views.keySet().retainAll(managers);
    }

    boolean isSeen() {
        return !views.isEmpty();
    }

    /** Another manager that should be asked, so that two views can be compared; empty if there is no need. */
    Optional<String> another(List<String> managers, List<Address> own) {
        boolean translated = views.values().stream().anyMatch(view -> !own.contains(view.address()));
        List<String> others =
                managers.stream().filter(each -> !views.containsKey(each)).toList();
        if (!translated || views.size() == VIEWS || others.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(others.get(asked++ % others.size()));
    }

    /**
     * What to tell, if it differs from what is known.
     *
     * @param own the addresses of this machine
     * @param translated whether a NAT may be in between; not if an operator said where the node is reached
     * @param known what the others were told before
     * @return empty if there is nothing new, or it was found only once yet: what changes all the time is not told
     */
    Optional<NodeEndpoints> news(List<Address> own, boolean translated, NodeEndpoints known) {
        NodeEndpoints.Reflexive reflexive = translated ? reflexive(own, known.reflexive()) : null;
        NodeEndpoints now = new NodeEndpoints(own, known.mainPort(), known.sparePort(), reflexive);
        boolean confirmed = now.equals(candidate);
        candidate = now;
        return confirmed && !now.equals(known) ? Optional.of(now) : Optional.empty();
    }

    /** Whether {@link #news} would tell it when it is asked again and nothing has changed. */
    boolean isUnsettled(NodeEndpoints known) {
        return candidate != null && !candidate.equals(known);
    }

    private NodeEndpoints.@Nullable Reflexive reflexive(List<Address> own, NodeEndpoints.@Nullable Reflexive known) {
        if (views.isEmpty()) {
            return known;
        }
        List<Endpoint> outside = views.values().stream()
                .filter(view -> !own.contains(view.address()))
                .toList();
        if (outside.isEmpty()) {
            return null;
        }
        boolean independent = outside.stream().distinct().count() == 1;
        return new NodeEndpoints.Reflexive(outside.get(0), independent);
    }
}
