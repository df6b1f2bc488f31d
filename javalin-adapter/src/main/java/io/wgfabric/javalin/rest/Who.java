package io.wgfabric.javalin.rest;

import io.wgfabric.api.Edition;
import io.wgfabric.api.Node;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.javalin.rest.Caller.Credentialed;
import io.wgfabric.javalin.rest.Caller.Lapsed;
import io.wgfabric.javalin.rest.Caller.Member;
import io.wgfabric.javalin.rest.Caller.Removed;
import java.net.InetAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may use a route. A route names a set of them; it admits who is one of the set. */
enum Who {
    ANYONE,
    /** Any active member. */
    NODE,
    /** The active member that the path names. */
    ITSELF,
    /** A member that waits for approval: the one that the path names, if it names any. */
    PENDING,
    /** The member that the path names, whatever its state. */
    LEAVING,
    /**
     * The member that the path names, if it is not shut out, even with a certificate that has expired a while ago: who
     * waits for approval for longer than a certificate's life can still be approved.
     */
    RENEWING,
    /** An active management node. */
    MANAGER,
    /** An operator, whatever his access. */
    VIEWER,
    /** An operator who may change things. */
    OPERATOR,
    /** An operator who may do everything, also change what others are let in by. */
    ADMIN,
    /** Whoever asks from this machine. */
    LOOPBACK;

    /** @param named the id or name of a node that the path has, or null */
    private boolean admits(Caller caller, @Nullable String named) {
        return switch (this) {
            case ANYONE -> true;
            case NODE -> caller instanceof Member member && member.node().isActive();
            case ITSELF -> caller instanceof Member member && member.node().isActive() && isNamed(member.node(), named);
            case PENDING ->
                caller instanceof Member member
                        && member.node().isPending()
                        && (named == null || isNamed(member.node(), named));
            case LEAVING -> caller instanceof Member member && isNamed(member.node(), named);
            case RENEWING ->
                ITSELF.admits(caller, named)
                        || (named != null && PENDING.admits(caller, named))
                        || (caller instanceof Lapsed lapsed
                                && !lapsed.node().isQuarantined()
                                && isNamed(lapsed.node(), named));
            case MANAGER ->
                caller instanceof Member member
                        && member.node().isActive()
                        && member.node().isManager();
            case VIEWER -> caller instanceof Credentialed;
            case OPERATOR ->
                caller instanceof Credentialed credentialed
                        && credentialed.operator().access().compareTo(Access.OPERATOR) >= 0;
            case ADMIN ->
                caller instanceof Credentialed credentialed
                        && credentialed.operator().access().compareTo(Access.ADMIN) >= 0;
            case LOOPBACK -> isLoopback(caller.from());
        };
    }

    private static boolean isNamed(Node node, @Nullable String named) {
        return node.id().text().equals(named) || node.name().text().equals(named);
    }

    private static boolean isLoopback(String from) {
        try {
            // The text is an address that the server took from the connection, so nothing is resolved.
            return InetAddress.getByName(from).isLoopbackAddress();
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }

    /** @throws ProblemException if the caller is none of these */
    static void check(Set<Who> admitted, Caller caller, @Nullable String named) {
        if (admitted.stream().noneMatch(who -> who.admits(caller, named))) {
            throw new ProblemException(refusal(caller));
        }
    }

    private static Problem refusal(Caller caller) {
        if (caller instanceof Caller.Nobody nobody) {
            return Problem.of(
                    401,
                    Problem.UNAUTHENTICATED,
                    (nobody.why() == null ? "" : nobody.why() + "; ")
                            + "show a node's certificate of this cluster or an operator's credential");
        }
        if (caller instanceof Lapsed lapsed && !lapsed.node().isQuarantined()) {
            return Problem.of(
                    401,
                    Problem.CERTIFICATE_EXPIRED,
                    "the certificate of node " + lapsed.node().name() + " expired at " + lapsed.expired()
                            + "; its agent renews it, with a clock that is right");
        }
        if (caller instanceof Lapsed lapsed) {
            return quarantined(lapsed.node(), lapsed.asOf());
        }
        if (caller instanceof Removed removed) {
            return Problem.asOf(
                    removed.asOf(),
                    403,
                    Problem.NODE_REMOVED,
                    "node " + removed.node() + " is no member of this cluster any more"
                            + (removed.cause() == null ? "" : ": removed: " + removed.cause())
                            + "; join again with a new token");
        }
        if (caller instanceof Member member && member.node().isPending()) {
            return Problem.asOf(member.asOf(), 403, Problem.NODE_PENDING, waiting(member.node()));
        }
        if (caller instanceof Member member && !member.node().isActive()) {
            return quarantined(member.node(), member.asOf());
        }
        return Problem.of(403, "not-allowed", "this credential may not do that; use one that may");
    }

    private static Problem quarantined(Node node, Edition asOf) {
        return Problem.asOf(
                asOf, 403, Problem.NODE_QUARANTINED, "node " + node.name() + " is quarantined: " + node.stateCause());
    }

    /** What a node is told that waits for approval. */
    static String waiting(Node node) {
        return "node " + node.name() + " waits for approval: fabric node approve " + node.name();
    }
}
