package io.wgfabric.core.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrapped for a manager or locked with a passphrase opens for nobody else, and what is written stays readable. */
class SealingCryptoTest {
    private static final byte[] SECRET = "a key of thirty-two bytes, as is".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PASSPHRASE = "correct horse".getBytes(StandardCharsets.US_ASCII);

    @Test
    void managerOpensWhatWasWrappedForIt() {
        ManagerKey key = ManagerKey.generate();
        Bytes wrapped = ManagerKey.wrap(key.publicKey(), "for m1", SECRET);

        assertArrayEquals(SECRET, ManagerKey.of(key.secretBytes()).unwrap("for m1", wrapped));
        assertEquals(key.publicKey(), ManagerKey.of(key.secretBytes()).publicKey());
        assertNotEquals(wrapped, ManagerKey.wrap(key.publicKey(), "for m1", SECRET));
    }

    @Test
    void wrappedKeyOpensForNoOtherManagerAndNoOtherPurpose() {
        ManagerKey key = ManagerKey.generate();
        Bytes wrapped = ManagerKey.wrap(key.publicKey(), "for m1", SECRET);

        assertThrows(CryptoException.class, () -> ManagerKey.generate().unwrap("for m1", wrapped));
        assertThrows(CryptoException.class, () -> key.unwrap("for m2", wrapped));
        byte[] bytes = wrapped.toArray();
        for (int i = 0; i < bytes.length; i++) {
            byte[] altered = bytes.clone();
            altered[i] ^= 1;
            assertThrows(CryptoException.class, () -> key.unwrap("for m1", Bytes.of(altered)), "byte " + i);
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThrows(CryptoException.class, () -> key.unwrap("for m1", Bytes.of(cut)), "length " + i);
        }
    }

    @Test
    void nothingIsWrappedForWhatIsNoPointOfTheCurve() {
        byte[] point = ManagerKey.generate().publicKey().toArray();
        point[64] ^= 1;

        assertThrows(CryptoException.class, () -> ManagerKey.wrap(Bytes.of(point), "x", SECRET));
        assertThrows(CryptoException.class, () -> ManagerKey.wrap(Bytes.of(new byte[65]), "x", SECRET));
        assertThrows(CryptoException.class, () -> ManagerKey.of(new byte[32]));
        assertThrows(CryptoException.class, () -> ManagerKey.of(new byte[31]));
    }

    @Test
    void passphraseOpensWhatItLocked() {
        PassphraseLock lock = PassphraseLock.create(PASSPHRASE);
        PassphraseLock.Locked locked = lock.lock(SECRET);

        assertArrayEquals(SECRET, lock.open(locked));
        assertArrayEquals(SECRET, PassphraseLock.of(locked, PASSPHRASE).open(locked));
        byte[] wrong = "correct house".getBytes(StandardCharsets.US_ASCII);
        CryptoException refused = assertThrows(
                CryptoException.class, () -> PassphraseLock.of(locked, wrong).open(locked));
        assertEquals("the passphrase is wrong", refused.getMessage());
        assertFalse(Arrays.equals(locked.nonce(), lock.lock(SECRET).nonce()));
    }

    @Test
    void passphraseHasALength() {
        assertThrows(CryptoException.class, () -> PassphraseLock.create(new byte[7]));
        assertThrows(CryptoException.class, () -> PassphraseLock.create(new byte[1025]));
    }

    @ParameterizedTest
    @CsvSource({
        "2000000,3,4,16",
        "65536,99,4,16",
        "65536,3,99,16",
        "65536,0,4,16",
        "65536,3,0,16",
        "8,3,4,16",
        "65536,3,4,8",
        "65536,3,4,99",
        "-1,3,4,16"
    })
    void fileThatAsksForTooMuchIsRefusedBeforeAnythingIsComputed(int memory, int passes, int lanes, int salt) {
        PassphraseLock.Locked greedy =
                new PassphraseLock.Locked(new byte[salt], memory, passes, lanes, new byte[12], new byte[48]);

        CryptoException refused = assertThrows(CryptoException.class, () -> PassphraseLock.of(greedy, PASSPHRASE));
        assertTrue(String.valueOf(refused.getMessage()).contains("damaged"));
    }

    /** What an earlier program has written. */
    @Test
    void whatWasSealedWrappedAndLockedOnceStaysReadable() {
        byte[] seed = new byte[32];
        Arrays.fill(seed, (byte) 7);
        assertArrayEquals(SECRET, new Sealer(seed).open("token-key", Bytes.parseHex(SEALED)));
        assertArrayEquals(SECRET, ManagerKey.of(seed).unwrap("for m1", Bytes.parseHex(WRAPPED)));
        PassphraseLock.Locked locked = new PassphraseLock.Locked(
                new byte[16], 256, 1, 2, new byte[12], HexFormat.of().parseHex(LOCKED));
        assertArrayEquals(SECRET, PassphraseLock.of(locked, PASSPHRASE).open(locked));
    }

    private static final String SEALED =
            "01f8a0b4b82d9c21d9760d9da696533d843f241674da7d1338f1fb1dcf8de6482bbeb8d94e726de48feee4eb7b16310f351a1e6efdb5e876f60d362952";

    private static final String WRAPPED =
            "0104bbe1b084f6ce8d462fa7f12a38702815642ff6f24ab29b946ac106018c5426af586e798c7e613c9a86eaafd5cce8ff182317233aeaa877a34fe34ec7b5076b35eb8216bacc34c5648ed2e38fc4942a3baabb973f5235cc95fd159a16d82c6e38eecf5a4c89680584c894307d90bb1095";

    private static final String LOCKED =
            "887f01f8c249310d0031536d37a8015ac4ce66cd19f2c1ed8c407f4ad2e0d661cf1517292485caa0914f5c6c8a017a9f";
}
