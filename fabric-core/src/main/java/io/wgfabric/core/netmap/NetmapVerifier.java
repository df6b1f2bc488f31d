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
import org.jspecify.annotations.Nullable;

/** Believes a netmap only if it was signed for this cluster by a key that an authority of it certified. Thread-safe. */
public final class NetmapVerifier {
    /** The largest netmap that is read, in characters. */
    public static final int MAX_LENGTH = 64 << 20;

    private final ClusterId cluster;
    private final Supplier<Authorities> authorities;
    private final InstantSource clock;

    /** The last chain that led to those who are believed: a signer signs many deltas. */
    private record Led(List<X509Certificate> chain, Authorities to) {}

    private volatile @Nullable Led lastLed;

    /** @param authorities that are believed now; asked for each netmap */
    public NetmapVerifier(ClusterId cluster, Supplier<Authorities> authorities, InstantSource clock) {
        this.cluster = cluster;
        this.authorities = authorities;
        this.clock = clock;
    }

    /** @throws CryptoException if it is not to be believed; the message says why */
    public Netmap verify(String compact) {
        return open(compact, 1).netmap();
    }

    /**
     * As a node does that was told that keys are retired.
     *
     * @param signersFrom the generation of keys before which none is believed, from a configuration that was
     * @throws CryptoException if it, or a delta of it, is not to be believed; the message says why
     */
    public VerifiedNetmap verify(SignedNetmap signed, int signersFrom) {
        VerifiedNetmap verified = open(signed.base(), signersFrom);
        try {
            for (String delta : signed.deltas()) {
                verified = follow(verified, delta, signersFrom);
            }
        } catch (GapException e) {
            throw new CryptoException("the parts of the configuration do not belong together", e);
        }
        return verified;
    }

    /**
     * What is left of a stored configuration.
     *
     * @param verified the last one before the damage
     * @param deltas how many of the stored deltas led there
     * @param damage what is wrong with the next one; null if they all did
     */
    public record Restored(
            VerifiedNetmap verified, int deltas, @Nullable String damage) {}

    /**
     * Reads a stored configuration as far as it can be believed.
     *
     * @throws CryptoException if nothing of it can
     */
    public Restored restore(SignedNetmap stored) {
        VerifiedNetmap verified = open(stored.base(), 1);
        for (int i = 0; i < stored.deltas().size(); i++) {
            try {
                verified = follow(verified, stored.deltas().get(i), 1);
            } catch (CryptoException | GapException e) {
                return new Restored(verified, i, e.getMessage());
            }
        }
        return new Restored(verified, stored.deltas().size(), null);
    }

    /**
     * Applies a delta to a configuration that was verified.
     *
     * @param line {@link SignedDelta#line}
     * @throws CryptoException if it is not to be believed, or leads nowhere new; the message says why
     * @throws GapException if it is genuine and does not lead on from there
     */
    public VerifiedNetmap follow(VerifiedNetmap have, String line, int signersFrom) {
        try {
            SignedDelta signed = SignedDelta.parse(line);
            Authorities believed = authorities.get();
            Led led = lastLed;
            if (led == null || !led.chain().equals(have.chain()) || !led.to().equals(believed)) {
                var unused = signer(have.chain(), believed);
                lastLed = new Led(have.chain(), believed);
            }
            X509Certificate signer = have.chain().get(0);
            signer.checkValidity(Date.from(clock.instant()));
            requireCurrent(have.generation(), signersFrom);
            if (!signed.isSignedBy(signer.getPublicKey(), have.header())) {
                throw new CryptoException("the delta was altered or forged, or is another signer's: its signature is"
                        + " not that of " + have.signer());
            }
            return lead(have, Json.mapper().readValue(signed.payload(), NetmapDelta.class));
        } catch (CryptoException | GapException e) {
            throw e;
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new CryptoException("the delta cannot be verified", e);
        }
    }

    private VerifiedNetmap lead(VerifiedNetmap have, NetmapDelta delta) {
        Netmap current = have.netmap();
        if (!delta.cluster().equals(cluster)) {
            throw new CryptoException("the delta is of cluster " + delta.cluster());
        }
        if (!current.edition().isBefore(delta.edition())) {
            throw new CryptoException("the delta to " + delta.edition() + " leads to nothing newer than "
                    + current.edition() + ": it was sent late, or is replayed");
        }
        Netmap header = delta.header();
        if (header != null && !header.trusts().equals(current.trusts())) {
            throw new CryptoException("the delta changes who is believed, which a full configuration alone may");
        }
        if (delta.epoch() != current.epoch() || current.revision().isBefore(delta.previous())) {
            throw new GapException("the delta leads from revision " + delta.previous() + " to " + delta.edition()
                    + ", and the node has " + current.edition());
        }
        DigestedNetmap next = have.digested().apply(delta);
        if (!next.digest().equals(delta.digest())) {
            throw new GapException("the delta to " + delta.edition() + " is made for another configuration than this "
                    + current.edition());
        }
        return have.with(next);
    }

    private static void requireCurrent(int generation, int signersFrom) {
        if (generation < signersFrom) {
            throw new CryptoException("the configuration is signed with key " + generation
                    + ", which is retired: the oldest is " + signersFrom);
        }
    }

    private VerifiedNetmap open(String compact, int signersFrom) {
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
            requireCurrent(generation, signersFrom);
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
            return new VerifiedNetmap(DigestedNetmap.of(netmap), chain, generation);
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
