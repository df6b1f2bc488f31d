package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** When a node's certificate is renewed, read from the certificate alone, so that a restart changes nothing. */
public final class Renewal {
    /** How long after its expiry a certificate still lets its node ask for the next one, and for nothing else. */
    public static final Duration GRACE = Duration.ofDays(30);

    /** Over how long the nodes of a cluster go over to another authority, in parts of their certificates' life. */
    private static final long TURN_PART = 2_880;

    private static final Duration TURN_LIMIT = Duration.ofSeconds(30);

    private Renewal() {}

    /**
     * Two thirds of its life after it was made, or up to a tenth of its life earlier, by the certificate's own hash: nodes
     * that joined together do not come back together.
     */
    public static Instant dueAt(X509Certificate certificate) {
        long life = life(certificate);
        return made(certificate).plusMillis(life * 2 / 3 - spread(certificate, life / 10));
    }

    /**
     * When it is replaced by one of another authority, that its node hears of now: within half a minute, of a certificate
     * that lives less than a day within less.
     */
    public static Instant turnsAt(X509Certificate certificate, Instant now) {
        return now.plusMillis(spread(certificate, Math.min(TURN_LIMIT.toMillis(), life(certificate) / TURN_PART)));
    }

    private static long life(X509Certificate certificate) {
        return Math.max(
                0,
                Duration.between(made(certificate), certificate.getNotAfter().toInstant())
                        .toMillis());
    }

    private static Instant made(X509Certificate certificate) {
        return certificate.getNotBefore().toInstant().plus(CertificateAuthority.CLOCK_SKEW);
    }

    private static long spread(X509Certificate certificate, long within) {
        int part = ByteBuffer.wrap(Bytes.sha256(Certificates.encode(certificate).toArray())
                                .toArray())
                        .getInt()
                & 0xffff;
        return within * part / 0x1_0000;
    }

    /** Until when its node may ask for the next one. */
    public static Instant admittedUntil(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant().plus(GRACE);
    }
}
