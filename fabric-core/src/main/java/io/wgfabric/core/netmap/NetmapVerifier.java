package io.wgfabric.core.netmap;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Pin;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** Believes a netmap only if the pinned authority's signer signed it for this cluster. Thread-safe. */
public final class NetmapVerifier {
    /** The largest netmap that is read, in characters. */
    public static final int MAX_LENGTH = 64 << 20;

    private final ClusterId cluster;
    private final Bytes pin;
    private final InstantSource clock;

    public NetmapVerifier(ClusterId cluster, Bytes pin, InstantSource clock) {
        this.cluster = cluster;
        this.pin = pin;
        this.clock = clock;
    }

    /** @throws CryptoException if it is not to be believed; the message says why */
    public Netmap verify(String compact) {
        return verify(compact, 1);
    }

    /**
     * As a node does that was told that keys are retired.
     *
     * @param signersFrom the generation of keys before which none is believed, from a configuration that was
     */
    public Netmap verify(String compact, int signersFrom) {
        if (compact.length() > MAX_LENGTH) {
            throw new CryptoException("the configuration is larger than " + MAX_LENGTH + " characters");
        }
        try {
            JsonWebSignature jws = new JsonWebSignature();
            jws.setAlgorithmConstraints(new AlgorithmConstraints(ConstraintType.PERMIT, AlgorithmIdentifiers.EDDSA));
            jws.setCompactSerialization(compact);
            if (!NetmapSigner.TYPE.equals(jws.getHeader("typ"))) {
                throw new CryptoException("this is not a configuration");
            }
            X509Certificate signer = signer(jws.getCertificateChainHeaderValue());
            int generation = CertificateAuthority.configSigner(signer, cluster)
                    .orElseThrow(() ->
                            new CryptoException("the configuration is signed by a certificate that must not sign it"));
            if (generation < signersFrom) {
                throw new CryptoException("the configuration is signed with key " + generation
                        + ", which is retired: the oldest is " + signersFrom);
            }
            jws.setKey(signer.getPublicKey());
            if (!jws.verifySignature()) {
                throw new CryptoException("the configuration was altered or forged: its signature is wrong");
            }
            Netmap netmap = Json.mapper().readValue(jws.getPayloadBytes(), Netmap.class);
            if (!netmap.cluster().equals(cluster)) {
                throw new CryptoException("the configuration is of cluster " + netmap.cluster());
            }
            if (netmap.signersFrom() > generation) {
                throw new CryptoException("the configuration retires the key that it is signed with");
            }
            return netmap;
        } catch (CryptoException e) {
            throw e;
        } catch (JoseException | GeneralSecurityException | RuntimeException e) {
            // The library takes for granted of what kind the header's values are.
            throw new CryptoException("the configuration cannot be verified", e);
        }
    }

    /** The certificate of who signed, checked up to the pinned authority. */
    private X509Certificate signer(List<X509Certificate> chain) throws GeneralSecurityException {
        if (chain == null || chain.size() != 2 || !Pin.of(chain.get(1)).equals(pin)) {
            throw new CryptoException("the configuration is not signed by this cluster");
        }
        X509Certificate signer = chain.get(0);
        signer.verify(chain.get(1).getPublicKey());
        signer.checkValidity(Date.from(clock.instant()));
        return signer;
    }
}
