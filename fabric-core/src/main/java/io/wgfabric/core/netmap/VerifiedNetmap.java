package io.wgfabric.core.netmap;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Edition;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A configuration that was verified, and who signed it: deltas of the same signer may follow. Made by
 * {@link NetmapVerifier} alone.
 */
public final class VerifiedNetmap {
    private final DigestedNetmap digested;
    private final List<X509Certificate> chain;
    private final int generation;
    private final String signer;
    private final String header;

    VerifiedNetmap(DigestedNetmap digested, List<X509Certificate> chain, int generation) {
        this(digested, chain, generation, SignedDelta.thumbprint(chain.get(0)));
    }

    private VerifiedNetmap(DigestedNetmap digested, List<X509Certificate> chain, int generation, String signer) {
        this.digested = digested;
        this.chain = List.copyOf(chain);
        this.generation = generation;
        this.signer = signer;
        header = SignedDelta.header(signer);
    }

    VerifiedNetmap with(DigestedNetmap next) {
        return new VerifiedNetmap(next, chain, generation, signer);
    }

    DigestedNetmap digested() {
        return digested;
    }

    public Netmap netmap() {
        return digested.netmap();
    }

    public Edition edition() {
        return netmap().edition();
    }

    public Bytes digest() {
        return digested.digest();
    }

    /** The thumbprint of the signer's certificate, {@code x5t#S256}. */
    public String signer() {
        return signer;
    }

    /** The signer's certificate first. */
    List<X509Certificate> chain() {
        return chain;
    }

    /** Of the signer's key. */
    int generation() {
        return generation;
    }

    /** The protected header of the signer's deltas. */
    String header() {
        return header;
    }
}
