package io.wgfabric.core.netmap;

import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CryptoException;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/**
 * Signs netmaps as JWS (RFC 7515) with EdDSA. The header carries the signer's certificate ({@code x5c}, section 4.1.6),
 * so that who has the authority's pin can verify it with nothing else. Deltas carry no certificate: they follow a netmap
 * of the same signer. Thread-safe.
 */
public final class NetmapSigner {
    static final String TYPE = "wgfabric-netmap+jws";

    private final PrivateKey key;
    private final X509Certificate[] chain;
    private final String id;
    private final String deltaHeader;
    private final LongAdder signatures = new LongAdder();

    public NetmapSigner(PrivateKey key, X509Certificate signer, X509Certificate authority) {
        this(key, signer, Authorities.of(authority));
    }

    /** @param authorities sent along as far as the signer's certificate leads to them */
    public NetmapSigner(PrivateKey key, X509Certificate signer, Authorities authorities) {
        this.key = key;
        chain = Stream.concat(Stream.of(signer), authorities.above(signer).stream())
                .toArray(X509Certificate[]::new);
        id = SignedDelta.thumbprint(signer);
        deltaHeader = SignedDelta.header(id);
    }

    /** The thumbprint of the signer's certificate, {@code x5t#S256}. */
    public String id() {
        return id;
    }

    /** How many it has made. */
    public long signatures() {
        return signatures.sum();
    }

    /** The compact serialization. */
    public String sign(Netmap netmap) {
        signatures.increment();
        JsonWebSignature jws = new JsonWebSignature();
        jws.setHeader("typ", TYPE);
        jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.EDDSA);
        jws.setCertificateChainHeaderValue(chain);
        jws.setPayloadBytes(Json.mapper().writeValueAsString(netmap).getBytes(StandardCharsets.UTF_8));
        jws.setKey(key);
        try {
            return jws.getCompactSerialization();
        } catch (JoseException e) {
            throw new CryptoException("the configuration cannot be signed", e);
        }
    }

    public SignedDelta sign(NetmapDelta delta) {
        signatures.increment();
        return SignedDelta.sign(Json.mapper().writeValueAsString(delta), deltaHeader, key);
    }
}
