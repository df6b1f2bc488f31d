package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;

/** What a join token says of the cluster's authority: SHA-256 over its public key (SubjectPublicKeyInfo). */
public final class Pin {
    private Pin() {}

    public static Bytes of(X509Certificate authority) {
        try {
            return Bytes.of(MessageDigest.getInstance("SHA-256")
                    .digest(authority.getPublicKey().getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
