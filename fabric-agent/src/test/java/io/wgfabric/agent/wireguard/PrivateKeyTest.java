package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PrivateKeyTest {
    private static final byte[] BYTES = Base64.getDecoder().decode("iEmNBTIndwDBC2Lk36UbLiOIppz7Rf2wBPkjdKZ+Q10=");

    @Test
    void thePublicKeyIsTheOneThatTheToolComputes() {
        assertEquals(
                "uF+amUP5ij8J1n2GtC4JmVIlisBpJRW4+OlH0GXN3Gc=",
                PrivateKey.of(BYTES).publicKey().toString());
    }

    @Test
    void aGeneratedKeyIsClamped() {
        for (int i = 0; i < 50; i++) {
            byte[] bytes = PrivateKey.generate(new SecureRandom()).secretBytes();
            assertEquals(0, bytes[0] & 7);
            assertEquals(0x40, bytes[31] & 0xc0);
        }
    }

    @Test
    void itSaysNothingOfItsContent() {
        PrivateKey key = PrivateKey.of(BYTES);
        assertEquals("PrivateKey(…)", key.toString());
        assertEquals("PlaneKey[privateKey=PrivateKey(…), listenPort=1, atOnce=false]", new PlaneKey(key, 1).toString());
        assertFalse(Serializable.class.isAssignableFrom(PrivateKey.class));
    }

    @Test
    void equalBytesAreEqualKeysAndTheTextFormsAgree() {
        PrivateKey key = PrivateKey.of(BYTES);
        assertEquals(key, PrivateKey.of(key.secretBytes()));
        assertEquals(key.hashCode(), PrivateKey.of(key.secretBytes()).hashCode());
        assertNotEquals(key, PrivateKey.generate(new SecureRandom()));
        assertArrayEquals(
                key.secretBytes(), HexFormat.of().parseHex(new String(key.secretHex(), StandardCharsets.US_ASCII)));
    }

    @Test
    void aWipedKeyCannotBeUsed() {
        PrivateKey key = PrivateKey.of(BYTES);
        var publicKey = key.publicKey();
        key.wipe();
        key.wipe();
        assertThrows(IllegalStateException.class, key::secretBytes);
        assertEquals(publicKey, key.publicKey());
    }
}
