package io.wgfabric.core.netmap;

import io.wgfabric.core.crypto.CryptoException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.Base64;

/**
 * A delta as it is sent and stored: one line of JSON, {@code {"signature":"…","delta":{…}}}. The signature is that of a
 * JWS with an unencoded, detached payload (RFC 7797, RFC 7515 appendix F) over exactly the bytes of the line between the
 * last comma and the last brace. The protected header is the same for all deltas of a signer and follows from its
 * certificate: so it is not sent, and nothing of it is taken from the sender.
 *
 * @param payload JSON of a {@link NetmapDelta}
 */
public record SignedDelta(String signature, String payload) {
    private static final String BEGIN = "{\"signature\":\"";
    private static final String MIDDLE = "\",\"delta\":";
    private static final String END = "}";

    /** Of an Ed25519 signature in Base64url. */
    private static final int SIGNATURE_LENGTH = 86;

    private static final int PAYLOAD_AT = BEGIN.length() + SIGNATURE_LENGTH + MIDDLE.length();

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    /** @throws CryptoException if the line is none */
    public static SignedDelta parse(String line) {
        if (!line.startsWith(BEGIN)
                || !line.startsWith(MIDDLE, BEGIN.length() + SIGNATURE_LENGTH)
                || !line.endsWith(END)
                || line.length() <= PAYLOAD_AT + END.length()
                || line.length() > NetmapVerifier.MAX_LENGTH) {
            throw new CryptoException("this is no delta of a configuration");
        }
        return new SignedDelta(
                line.substring(BEGIN.length(), BEGIN.length() + SIGNATURE_LENGTH),
                line.substring(PAYLOAD_AT, line.length() - END.length()));
    }

    /** As it is sent and stored, without the end of the line. */
    public String line() {
        return BEGIN + signature + MIDDLE + payload + END;
    }

    /** {@code x5t#S256} of RFC 7515, section 4.1.8: what names a signer. */
    static String thumbprint(X509Certificate signer) {
        try {
            return ENCODER.encodeToString(MessageDigest.getInstance("SHA-256").digest(signer.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new CryptoException("the signer's certificate cannot be encoded", e);
        }
    }

    /** The protected header of a signer's deltas, encoded. */
    static String header(String thumbprint) {
        String header =
                "{\"alg\":\"EdDSA\",\"b64\":false,\"crit\":[\"b64\"],\"typ\":\"wgfabric-delta+jws\",\"x5t#S256\":\""
                        + thumbprint + "\"}";
        return ENCODER.encodeToString(header.getBytes(StandardCharsets.US_ASCII));
    }

    static SignedDelta sign(String payload, String header, PrivateKey key) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(signed(header, payload));
            return new SignedDelta(ENCODER.encodeToString(signature.sign()), payload);
        } catch (GeneralSecurityException e) {
            throw new CryptoException("the delta cannot be signed", e);
        }
    }

    boolean isSignedBy(PublicKey key, String header) {
        try {
            Signature verification = Signature.getInstance("Ed25519");
            verification.initVerify(key);
            verification.update(signed(header, payload));
            return verification.verify(Base64.getUrlDecoder().decode(signature));
        } catch (SignatureException | IllegalArgumentException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new CryptoException("the delta cannot be verified", e);
        }
    }

    private static byte[] signed(String header, String payload) {
        return (header + "." + payload).getBytes(StandardCharsets.UTF_8);
    }
}
