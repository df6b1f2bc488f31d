package io.wgfabric.core.netmap;

import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CryptoException;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/**
 * Signs netmaps as JWS (RFC 7515) with EdDSA. The header carries the signer's certificate ({@code x5c}, section 4.1.6),
 * so that who has the authority's pin can verify it with nothing else. Thread-safe.
 */
public final class NetmapSigner {
    static final String TYPE = "wgfabric-netmap+jws";

    private final PrivateKey key;
    private final X509Certificate signer;
    private final X509Certificate authority;

    public NetmapSigner(PrivateKey key, X509Certificate signer, X509Certificate authority) {
        this.key = key;
        this.signer = signer;
        this.authority = authority;
    }

    /** The compact serialization. */
    public String sign(Netmap netmap) {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setHeader("typ", TYPE);
        jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.EDDSA);
        jws.setCertificateChainHeaderValue(signer, authority);
        jws.setPayloadBytes(Json.mapper().writeValueAsString(netmap).getBytes(StandardCharsets.UTF_8));
        jws.setKey(key);
        try {
            return jws.getCompactSerialization();
        } catch (JoseException e) {
            throw new CryptoException("the configuration cannot be signed", e);
        }
    }
}
