package io.wgfabric.core.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Encrypts under a passphrase: Argon2id (RFC 9106) makes the key, AES-256-GCM encrypts, with the parameters as
 * associated data. It keeps the key, so that what changes is locked again without the passphrase. Thread-safe.
 */
public final class PassphraseLock {
    /** The shortest passphrase, in bytes. */
    public static final int MIN_PASSPHRASE = 8;
    /** The longest passphrase, in bytes. */
    public static final int MAX_PASSPHRASE = 1024;

    private static final int SALT_BYTES = 16;
    private static final int MAX_SALT_BYTES = 64;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int KEY_BYTES = 32;

    /** The second recommended choice of RFC 9106 section 4: 64 MiB, 3 passes, 4 lanes. */
    private static final int MEMORY_KIB = 64 << 10;

    private static final int ITERATIONS = 3;
    private static final int PARALLELISM = 4;

    /** What a file may ask for: a damaged one must not take the machine down. */
    private static final int MAX_MEMORY_KIB = 1 << 20;

    private static final int MAX_ITERATIONS = 16;
    private static final int MAX_PARALLELISM = 16;

    /** What is stored, all of it public but the ciphertext. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Locked(byte[] salt, int memoryKib, int iterations, int parallelism, byte[] nonce, byte[] ciphertext) {
        /** @throws CryptoException if nobody has written it */
        void check() {
            if (salt == null || nonce == null || ciphertext == null) {
                throw new CryptoException("the key file is damaged: a part of it is missing");
            }
            boolean sound = salt.length >= SALT_BYTES
                    && salt.length <= MAX_SALT_BYTES
                    && parallelism >= 1
                    && parallelism <= MAX_PARALLELISM
                    && memoryKib >= 8 * parallelism
                    && memoryKib <= MAX_MEMORY_KIB
                    && iterations >= 1
                    && iterations <= MAX_ITERATIONS
                    && nonce.length == NONCE_BYTES
                    && ciphertext.length >= TAG_BITS / 8;
            if (!sound) {
                throw new CryptoException("the key file asks for more than " + MAX_MEMORY_KIB / 1024 + " MiB or "
                        + MAX_ITERATIONS + " passes of Argon2id, or is damaged");
            }
        }
    }

    private final SecretKeySpec key;
    private final byte[] salt;
    private final int memoryKib;
    private final int iterations;
    private final int parallelism;

    private PassphraseLock(byte[] passphrase, byte[] salt, int memoryKib, int iterations, int parallelism) {
        this.salt = salt;
        this.memoryKib = memoryKib;
        this.iterations = iterations;
        this.parallelism = parallelism;
        byte[] derived = new byte[KEY_BYTES];
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withSalt(salt)
                .withMemoryAsKB(memoryKib)
                .withIterations(iterations)
                .withParallelism(parallelism)
                .build());
        generator.generateBytes(passphrase, derived);
        key = new SecretKeySpec(derived, "AES");
        Arrays.fill(derived, (byte) 0);
    }

    /**
     * A lock of its own salt.
     *
     * @throws CryptoException if the passphrase is too short or too long
     */
    public static PassphraseLock create(byte[] passphrase) {
        if (passphrase.length < MIN_PASSPHRASE || passphrase.length > MAX_PASSPHRASE) {
            throw new CryptoException("a passphrase has " + MIN_PASSPHRASE + " to " + MAX_PASSPHRASE + " bytes");
        }
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return new PassphraseLock(passphrase, salt, MEMORY_KIB, ITERATIONS, PARALLELISM);
    }

    /**
     * The lock of what was locked before.
     *
     * @throws CryptoException if its parameters are not to be believed
     */
    public static PassphraseLock of(Locked locked, byte[] passphrase) {
        locked.check();
        return new PassphraseLock(
                passphrase, locked.salt(), locked.memoryKib(), locked.iterations(), locked.parallelism());
    }

    public Locked lock(byte[] secret) {
        byte[] nonce = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(nonce);
        try {
            return new Locked(salt, memoryKib, iterations, parallelism, nonce, run(Cipher.ENCRYPT_MODE, nonce, secret));
        } catch (GeneralSecurityException e) {
            throw new CryptoException("this Java runtime cannot encrypt with AES-GCM", e);
        }
    }

    /**
     * The secret; the caller wipes it.
     *
     * @throws CryptoException if the passphrase is another one, or the file was altered
     */
    public byte[] open(Locked locked) {
        locked.check();
        try {
            return run(Cipher.DECRYPT_MODE, locked.nonce(), locked.ciphertext());
        } catch (GeneralSecurityException e) {
            throw new CryptoException("the passphrase is wrong", e);
        }
    }

    private byte[] run(int mode, byte[] nonce, byte[] input) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(ByteBuffer.allocate(salt.length + 3 * Integer.BYTES)
                .put(salt)
                .putInt(memoryKib)
                .putInt(iterations)
                .putInt(parallelism)
                .flip());
        return cipher.doFinal(input);
    }

    @Override
    public String toString() {
        return "PassphraseLock";
    }
}
