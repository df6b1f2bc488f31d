package io.wgfabric.core;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Node;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.wire.CertificateAnswer;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;

/**
 * Where members get the certificates that follow those of their join: for the same key, so nothing of the state changes,
 * and any manager issues them without asking the others. Thread-safe.
 */
public final class CertificateDesk {
    private final ClusterKeyring keyring;
    private final InstantSource clock;

    public CertificateDesk(ClusterKeyring keyring, InstantSource clock) {
        this.keyring = keyring;
        this.clock = clock;
    }

    /**
     * @param node a member that is not quarantined
     * @param registered the key of its genuine certificate, which TLS has proved it to have
     * @param request PKCS #10 in DER
     * @throws RejectedException if the request is for another key, or none
     */
    public CertificateAnswer renew(Node node, PublicKey registered, Bytes request) {
        PublicKey subject;
        try {
            subject = CertificateAuthority.subjectOf(request);
        } catch (CryptoException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
        if (!MessageDigest.isEqual(subject.getEncoded(), registered.getEncoded())) {
            throw invalid("a certificate is renewed for the key that it is for; a node with another key joins again");
        }
        return new CertificateAnswer(
                Certificates.encode(issue(keyring, node, subject, clock)),
                keyring.authorities().told());
    }

    private static RejectedException invalid(String message) {
        return new RejectedException(new Rejection(Reason.INVALID, message));
    }

    /** A certificate for a member, for whoever has the keyring. */
    public static X509Certificate issue(ClusterKeyring keyring, Node node, PublicKey subject, InstantSource clock) {
        return keyring.authority()
                .issueNode(subject, new NodeIdentity(keyring.cluster(), node.role(), node.id()), clock.instant());
    }
}
