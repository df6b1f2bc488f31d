package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ManagerServices;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;

/**
 * The key pair of a manager to which others encrypt what is meant for it alone: HPKE (RFC 9180) in base mode with
 * DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. Who encrypted is not proved by it; that is for the log, which
 * takes a wrapped key only from who may rotate. It signs nothing and is no TLS key. Thread-safe.
 */
public final class ManagerKey {
    /** The length of the private key, in bytes. */
    public static final int SECRET_BYTES = 32;

    private static final byte VERSION = 1;

    private final AsymmetricCipherKeyPair pair;

    private ManagerKey(AsymmetricCipherKeyPair pair) {
        this.pair = pair;
    }

    private static HPKE suite() {
        return new HPKE(HPKE.mode_base, HPKE.kem_P256_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
    }

    public static ManagerKey generate() {
        return new ManagerKey(suite().generatePrivateKey());
    }

    /**
     * @param secret what {@link #secretBytes} gave
     * @throws CryptoException if it is no private key of P-256
     */
    public static ManagerKey of(byte[] secret) {
        if (secret.length != SECRET_BYTES) {
            throw new CryptoException("a manager's private key has " + SECRET_BYTES + " bytes");
        }
        try {
            return new ManagerKey(suite().deserializePrivateKey(secret, null));
        } catch (RuntimeException e) {
            throw new CryptoException("not a private key of P-256", e);
        }
    }

    /** The private key; the caller wipes it. */
    public byte[] secretBytes() {
        return suite().serializePrivateKey(pair.getPrivate());
    }

    /** The point, uncompressed. */
    public Bytes publicKey() {
        return Bytes.of(suite().serializePublicKey(pair.getPublic()));
    }

    /**
     * Encrypts a secret to a manager.
     *
     * @param to its public key
     * @param purpose what the secret is, for whom and when; opening it takes the same
     * @throws CryptoException if that is no point of P-256
     */
    public static Bytes wrap(Bytes to, String purpose, byte[] secret) {
        try {
            HPKE suite = suite();
            HPKEContextWithEncapsulation context =
                    suite.setupBaseS(suite.deserializePublicKey(to.toArray()), info(purpose));
            byte[] ciphertext = context.seal(new byte[0], secret);
            byte[] point = context.getEncapsulation();
            byte[] out = new byte[1 + point.length + ciphertext.length];
            out[0] = VERSION;
            System.arraycopy(point, 0, out, 1, point.length);
            System.arraycopy(ciphertext, 0, out, 1 + point.length, ciphertext.length);
            return Bytes.of(out);
        } catch (InvalidCipherTextException | RuntimeException e) {
            throw new CryptoException("nothing can be encrypted to this public key: it is no point of P-256", e);
        }
    }

    /**
     * Opens what was encrypted to this manager; the caller wipes it.
     *
     * @throws CryptoException if it was encrypted to another key or for another purpose, or altered
     */
    public byte[] unwrap(String purpose, Bytes wrapped) {
        byte[] in = wrapped.toArray();
        if (in.length <= 1 + ManagerServices.KEY_BYTES || in[0] != VERSION) {
            throw new CryptoException("the wrapped key is damaged");
        }
        byte[] point = Arrays.copyOfRange(in, 1, 1 + ManagerServices.KEY_BYTES);
        byte[] ciphertext = Arrays.copyOfRange(in, 1 + ManagerServices.KEY_BYTES, in.length);
        try {
            return suite().setupBaseR(point, pair, info(purpose)).open(new byte[0], ciphertext);
        } catch (InvalidCipherTextException | RuntimeException e) {
            throw new CryptoException("the wrapped key is not for this manager, or was altered", e);
        }
    }

    private static byte[] info(String purpose) {
        return ("wgfabric " + purpose).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "ManagerKey";
    }
}
