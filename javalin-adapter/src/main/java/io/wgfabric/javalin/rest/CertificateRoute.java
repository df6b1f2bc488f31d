package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.Node;
import io.wgfabric.core.CertificateDesk;
import io.wgfabric.core.wire.CertificateRequest;
import java.security.cert.X509Certificate;

/** How a member gets its next certificate. */
final class CertificateRoute {
    private final CertificateDesk desk;

    CertificateRoute(Core core) {
        desk = new CertificateDesk(core.keyring(), core.clock());
    }

    void renew(Context ctx) {
        CertificateRequest request = Answers.body(ctx, CertificateRequest.class);
        X509Certificate[] chain = Routes.chain(ctx);
        if (chain == null) {
            throw new IllegalStateException("a member was recognised without its certificate");
        }
        ctx.header("Cache-Control", "no-store");
        Answers.json(ctx, 200, desk.renew(node(ctx), chain[0].getPublicKey(), request.certificateRequest()));
    }

    private static Node node(Context ctx) {
        Caller caller = Answers.caller(ctx);
        if (caller instanceof Caller.Member member) {
            return member.node();
        }
        if (caller instanceof Caller.Lapsed lapsed) {
            return lapsed.node();
        }
        throw new IllegalStateException("only a member has a certificate");
    }
}
