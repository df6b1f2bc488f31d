package io.wgfabric.javalin.rest;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.core.RefusalLedger;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.OperatorCredential;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one place that finds out who asks and whether it may. A certificate says who a node was when it was issued; the
 * replicated state says what it is now, so a removed or quarantined node is refused at its next request. Thread-safe.
 */
final class Doorkeeper {
    private static final String BEARER = "Bearer ";

    /** How many verified certificates are remembered; to verify one again costs a signature check. */
    private static final int MAX_REMEMBERED = 10_000;

    private final Fabric fabric;
    private final FabricTrust trust;
    private final RefusalLedger refusals;
    private final InstantSource clock;
    private final SourceLimit limit;
    private final Map<X509Certificate, NodeIdentity> verified;

    Doorkeeper(Fabric fabric, FabricTrust trust, RefusalLedger refusals, SourceLimit limit, InstantSource clock) {
        this.fabric = fabric;
        this.trust = trust;
        this.refusals = refusals;
        this.limit = limit;
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
     * @throws ProblemException if nobody that is known here asks, too often from the same source
     */
    Caller identify(X509Certificate @Nullable [] chain, @Nullable String authorization, String remote) {
        Caller caller = find(chain, authorization, remote);
        boolean known = caller instanceof Caller.Member || caller instanceof Caller.Credentialed;
        if (!known && !limit.take(caller.from())) {
            refusals.record("any", Reason.TOO_MANY_REQUESTS, caller.from());
            throw new ProblemException(
                    429, Problem.RATE_LIMITED, "too many requests without a credential come from your address; wait");
        }
        return caller;
    }

    /** Says that who was not known was welcome all the same. */
    void welcome(Caller caller) {
        limit.giveBack(caller.from());
    }

    private Caller find(X509Certificate @Nullable [] chain, @Nullable String authorization, String remote) {
        String from = remote.length() <= Actor.MAX_LENGTH ? remote : remote.substring(0, Actor.MAX_LENGTH);
        FabricView view = fabric.view();
        if (authorization != null && authorization.startsWith(BEARER)) {
            return OperatorCredential.parse(authorization.substring(BEARER.length()))
                    .flatMap(credential -> view.operator(credential.id()).filter(credential::proves))
                    .<Caller>map(operator -> new Caller.Credentialed(operator, from))
                    .orElse(new Caller.Nobody(from));
        }
        return identity(chain)
                .map(identity -> view.node(identity.node())
                        .<Caller>map(node -> node.role() == identity.role()
                                ? new Caller.Member(node, view.edition(), from)
                                : new Caller.Nobody(from))
                        .orElse(new Caller.Removed(identity.node(), view.edition(), from)))
                .orElse(new Caller.Nobody(from));
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

    private Optional<NodeIdentity> identity(X509Certificate @Nullable [] chain) {
        if (chain == null || chain.length == 0) {
            return Optional.empty();
        }
        X509Certificate certificate = chain[0];
        try {
            NodeIdentity known;
            synchronized (verified) {
                known = verified.get(certificate);
            }
            if (known != null) {
                certificate.checkValidity(Date.from(clock.instant()));
                return Optional.of(known);
            }
            trust.checkClientTrusted(chain, "UNKNOWN");
            Optional<NodeIdentity> identity = NodeIdentity.of(certificate);
            identity.ifPresent(found -> {
                synchronized (verified) {
                    verified.put(certificate, found);
                }
            });
            return identity;
        } catch (CertificateException e) {
            return Optional.empty();
        }
    }
}
