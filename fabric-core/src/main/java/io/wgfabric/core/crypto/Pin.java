package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** What a join token says of the cluster's authority: SHA-256 over its public key (SubjectPublicKeyInfo). */
public final class Pin {
    private Pin() {}

    public static Bytes of(X509Certificate authority) {
        return Bytes.sha256(authority.getPublicKey().getEncoded());
    }

    /** The authority with this pin among those that a chain shows above its first certificate. */
    public static Optional<X509Certificate> find(Bytes pin, List<X509Certificate> chain) {
        return chain.stream()
                .skip(1)
                .filter(certificate -> certificate.getBasicConstraints() >= 0)
                .filter(certificate -> of(certificate).equals(pin))
                .findFirst();
    }
}
