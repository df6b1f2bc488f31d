package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import java.security.cert.X509Certificate;

/** What a join token says of the cluster's authority: SHA-256 over its public key (SubjectPublicKeyInfo). */
public final class Pin {
    private Pin() {}

    public static Bytes of(X509Certificate authority) {
        return Bytes.sha256(authority.getPublicKey().getEncoded());
    }
}
