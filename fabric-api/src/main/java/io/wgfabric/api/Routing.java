package io.wgfabric.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node does for the packets of others.
 *
 * @param hub whether it forwards between nodes that have no tunnel with each other; null for what its role says: a
 *     manager does, a peer does not
 * @param offered networks behind it that it would forward to, at most {@link Limits#ROUTES}
 * @param approved those of them that the others send to it, as an operator has allowed
 */
public record Routing(@Nullable Boolean hub, List<Prefix> offered, List<Prefix> approved) {
    /** Of a node of which nothing was said. */
    public static final Routing NONE = new Routing(null, List.of(), List.of());

    public Routing {
        offered = List.copyOf(offered);
        approved = List.copyOf(approved);
        if (offered.size() > Limits.ROUTES || approved.size() > Limits.ROUTES) {
            throw new IllegalArgumentException("a node forwards to at most " + Limits.ROUTES + " networks");
        }
    }

    public Routing withHub(boolean told) {
        return new Routing(told, offered, approved);
    }

    /** What is offered no longer is not approved any more. */
    public Routing withOffered(List<Prefix> networks) {
        return new Routing(
                hub, networks, approved.stream().filter(networks::contains).toList());
    }

    public Routing withApproved(List<Prefix> networks) {
        return new Routing(hub, offered, networks);
    }
}
