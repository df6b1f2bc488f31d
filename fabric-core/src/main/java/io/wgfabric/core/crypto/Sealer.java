package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * Encrypts the secrets of the replicated state, so that log, snapshot and backup hold ciphertext alone: AES-256 in GCM
 * (NIST SP 800-38D) with a random nonce of 96 bits and the secret's name as associated data, so that one cannot stand
 * in for another. Thread-safe.
 */
public final class Sealer {
    /** The length of a sealing key, in bytes. */
    public static final int KEY_BYTES = 32;

    private static final byte VERSION = 1;
    private static final int FINGERPRINT_BYTES = 8;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    /** @param key 32 bytes; copied */
    public Sealer(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new CryptoException("a sealing key has " + KEY_BYTES + " bytes");
        }
        this.key = new SecretKeySpec(key, "AES");
    }

    public static byte[] generateKey() {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return key;
    }

    /** A sealer whose key follows from this one's and the purpose (HKDF, RFC 5869), and tells nothing about it. */
    public Sealer derived(String purpose) {
        return new Sealer(expanded(purpose, KEY_BYTES));
    }

    /** Names the key without telling anything about it: whoever has several finds the right one. */
    public String fingerprint() {
        return Bytes.of(expanded("fingerprint", FINGERPRINT_BYTES)).hex();
    }

    private byte[] expanded(String purpose, int length) {
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
        byte[] info = ("wgfabric " + purpose).getBytes(StandardCharsets.UTF_8);
        hkdf.init(new HKDFParameters(key.getEncoded(), null, info));
        byte[] out = new byte[length];
        hkdf.generateBytes(out, 0, length);
        return out;
    }

    public Bytes seal(String name, byte[] secret) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] ciphertext = run(Cipher.ENCRYPT_MODE, nonce, name, secret);
        byte[] out = new byte[1 + NONCE_BYTES + ciphertext.length];
        out[0] = VERSION;
        System.arraycopy(nonce, 0, out, 1, NONCE_BYTES);
        System.arraycopy(ciphertext, 0, out, 1 + NONCE_BYTES, ciphertext.length);
        return Bytes.of(out);
    }

    /** @throws CryptoException if it was sealed under another key or name, or altered */
    public byte[] open(String name, Bytes sealed) {
        byte[] in = sealed.toArray();
        if (in.length < 1 + NONCE_BYTES + TAG_BITS / 8 || in[0] != VERSION) {
            throw new CryptoException("the sealed secret '" + name + "' is damaged");
        }
        byte[] nonce = Arrays.copyOfRange(in, 1, 1 + NONCE_BYTES);
        return run(Cipher.DECRYPT_MODE, nonce, name, Arrays.copyOfRange(in, 1 + NONCE_BYTES, in.length));
    }

    private byte[] run(int mode, byte[] nonce, String name, byte[] input) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
            return cipher.doFinal(input);
        } catch (GeneralSecurityException e) {
            throw new CryptoException(
                    "the secret '" + name + "' cannot be opened: this is not the sealing key of this cluster", e);
        }
    }

    @Override
    public String toString() {
        return "Sealer";
    }
}
