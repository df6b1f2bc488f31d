package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.Actor;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RemovedNode;
import io.wgfabric.core.RefusalLedger;
import io.wgfabric.core.SourceLimit;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.Renewal;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one place that finds out who asks and whether it may. A certificate says who a node was when it was issued; the
 * replicated state says what it is now, so a removed or quarantined node is refused at its next request. Thread-safe.
 */
final class Doorkeeper {
    /**
     * Requests without a credential at once, and then in each second. What it is that was shown is looked at before, or
     * who has one would be held up by neighbours; it costs a few checks of signatures while the authority is rotated.
     */
    static final int BURST = 500;

    static final int PER_SECOND = 50;

    private static final String BEARER = "Bearer ";

    /** How many verified certificates are remembered; to verify one again costs a signature check. */
    private static final int MAX_REMEMBERED = 10_000;

    private final Fabric fabric;
    private final FabricTrust trust;
    private final RefusalLedger refusals;
    private final InstantSource clock;
    private final SourceLimit limit;
    private final Sessions sessions;
    private final Map<X509Certificate, NodeIdentity> verified;

    /** Under which authorities they were; guarded by {@link #verified}. */
    private @Nullable Authorities verifiedUnder;

    Doorkeeper(
            Fabric fabric,
            FabricTrust trust,
            RefusalLedger refusals,
            SourceLimit limit,
            Sessions sessions,
            InstantSource clock) {
        this.fabric = fabric;
        this.trust = trust;
        this.refusals = refusals;
        this.limit = limit;
        this.sessions = sessions;
        this.clock = clock;
        verified = new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<X509Certificate, NodeIdentity> eldest) {
                return size() > MAX_REMEMBERED;
            }
        };
    }

    /**
     * @param chain the client's certificates as TLS got them, its own first; TLS has proved that it has the key
     * @param authorization the header of that name
     * @param session what the page's cookie holds; it counts only where no credential is shown
     * @throws ProblemException if nobody that is known here asks, too often from the same source
     */
    Caller identify(
            X509Certificate @Nullable [] chain,
            @Nullable String authorization,
            @Nullable String session,
            String remote) {
        Caller caller = find(chain, authorization, session, remote);
        if (!isKnown(caller) && !limit.take(caller.from())) {
            refusals.record("any", Reason.TOO_MANY_REQUESTS, caller.from());
            throw new ProblemException(
                    429, Problem.RATE_LIMITED, "too many requests without a credential come from your address; wait");
        }
        return caller;
    }

    /** Whether somebody asks who has a credential that is good now. */
    static boolean isKnown(Caller caller) {
        return caller instanceof Caller.Member || caller instanceof Caller.Credentialed;
    }

    /** Says that who was not known was welcome all the same. */
    void welcome(Caller caller) {
        limit.giveBack(caller.from());
    }

    private Caller find(
            X509Certificate @Nullable [] chain,
            @Nullable String authorization,
            @Nullable String session,
            String remote) {
        String from = remote.length() <= Actor.MAX_LENGTH ? remote : remote.substring(0, Actor.MAX_LENGTH);
        FabricView view = fabric.view();
        if (authorization != null && authorization.startsWith(BEARER)) {
            return OperatorCredential.parse(authorization.substring(BEARER.length()))
                    .flatMap(credential -> view.operator(credential.id()).filter(credential::proves))
                    .<Caller>map(operator -> new Caller.Credentialed(operator, from))
                    .orElse(new Caller.Nobody(from, "no operator has this credential, or it was revoked"));
        }
        if (session != null) {
            return sessions.find(session, view)
                    .<Caller>map(operator -> new Caller.Credentialed(operator, from))
                    .orElse(new Caller.Nobody(from, "this session is over; sign in again"));
        }
        if (chain == null || chain.length == 0) {
            return new Caller.Nobody(from, null);
        }
        try {
            return shown(chain, view, from);
        } catch (CertificateException e) {
            return new Caller.Nobody(from, e.getMessage());
        }
    }

    private Caller shown(X509Certificate[] chain, FabricView view, String from) throws CertificateException {
        X509Certificate certificate = chain[0];
        NodeIdentity identity = identity(chain);
        Node node = view.node(identity.node()).orElse(null);
        if (node == null) {
            String cause =
                    view.removedNode(identity.node()).map(RemovedNode::cause).orElse(null);
            return new Caller.Removed(identity.node(), cause, view.edition(), from);
        }
        if (node.role() != identity.role()) {
            throw new CertificateException("the certificate is of another role than its node");
        }
        Instant expires = certificate.getNotAfter().toInstant();
        Instant now = clock.instant();
        if (now.isAfter(expires) && !now.isAfter(Renewal.admittedUntil(certificate))) {
            return new Caller.Lapsed(node, expires, view.edition(), from);
        }
        if (now.isAfter(expires)) {
            throw new CertificateException("the certificate expired at " + expires
                    + ", too long ago to be renewed: remove the node, and join it again with a new token");
        }
        trust.requireValid(certificate);
        return new Caller.Member(node, view.edition(), from);
    }

    /**
     * @param route a fixed name for the audit chain
     * @throws ProblemException if the caller is not among the admitted
     */
    void check(Set<Who> admitted, Caller caller, @Nullable String named, String route) {
        try {
            Who.check(admitted, caller, named);
        } catch (ProblemException e) {
            refusals.record(route, Reason.NOT_ALLOWED, caller.from());
            throw e;
        }
    }

    /** @throws ProblemException if another site may have made the browser ask that shows a session */
    void requireOwnPage(Context ctx, Caller caller, String route) {
        try {
            SameOrigin.require(ctx);
        } catch (ProblemException e) {
            refusals.record(route, Reason.NOT_ALLOWED, caller.from());
            throw e;
        }
    }

    /** Whose certificate it is, whatever the time. */
    private NodeIdentity identity(X509Certificate[] chain) throws CertificateException {
        X509Certificate certificate = chain[0];
        Authorities believed = trust.authorities();
        NodeIdentity known;
        synchronized (verified) {
            if (!believed.equals(verifiedUnder)) {
                verified.clear();
                verifiedUnder = believed;
            }
            known = verified.get(certificate);
        }
        if (known != null) {
            return known;
        }
        NodeIdentity identity = trust.genuine(chain);
        synchronized (verified) {
            if (believed.equals(verifiedUnder)) {
                verified.put(certificate, identity);
            }
        }
        return identity;
    }
}
