package io.wgfabric.core.netmap;

import io.wgfabric.api.ClusterId;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.AuthorityCertificate;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.CryptoException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.function.Supplier;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** Believes a netmap only if it was signed for this cluster by a key that an authority of it certified. Thread-safe. */
public final class NetmapVerifier {
    /** The largest netmap that is read, in characters. */
    public static final int MAX_LENGTH = 64 << 20;

    private final ClusterId cluster;
    private final Supplier<Authorities> authorities;
    private final InstantSource clock;

    /** @param authorities that are believed now; asked for each netmap */
    public NetmapVerifier(ClusterId cluster, Supplier<Authorities> authorities, InstantSource clock) {
        this.cluster = cluster;
        this.authorities = authorities;
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
            List<X509Certificate> chain = jws.getCertificateChainHeaderValue();
            Authorities believed = authorities.get();
            X509Certificate signer = signer(chain, believed);
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
            if (!leads(chain, after(netmap, believed))) {
                throw new CryptoException("the configuration retires the authority of who signed it");
            }
            return netmap;
        } catch (CryptoException e) {
            throw e;
        } catch (JoseException | GeneralSecurityException | RuntimeException e) {
            // The library takes for granted of what kind the header's values are.
            throw new CryptoException("the configuration cannot be verified", e);
        }
    }

    /** Whom to believe after a netmap that was verified. */
    public Authorities after(Netmap netmap) {
        return after(netmap, authorities.get());
    }

    private Authorities after(Netmap netmap, Authorities believed) {
        List<AuthorityCertificate> named = netmap.authorities();
        return named == null ? believed : believed.follow(named, clock.instant());
    }

    /** The certificate of who signed, checked up to an authority that is believed. */
    private X509Certificate signer(List<X509Certificate> chain, Authorities believed) throws GeneralSecurityException {
        if (chain == null || chain.isEmpty() || !leads(chain, believed)) {
            throw new CryptoException("the configuration is not signed by this cluster");
        }
        X509Certificate signer = chain.get(0);
        signer.checkValidity(Date.from(clock.instant()));
        return signer;
    }

    private boolean leads(List<X509Certificate> chain, Authorities to) {
        try {
            var unused = to.issuer(chain.toArray(X509Certificate[]::new), clock.instant());
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }
}
