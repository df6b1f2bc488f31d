package io.wgfabric.core.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/** The two kinds of keys that sign: ECDSA on P-256 for certificates and TLS, Ed25519 (RFC 8032) for JWS. */
public final class Keys {
    private Keys() {}

    public static KeyPair generateP256() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), new SecureRandom());
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new CryptoException("this Java runtime cannot make a P-256 key", e);
        }
    }

    public static KeyPair generateEd25519() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new CryptoException("this Java runtime cannot make an Ed25519 key", e);
        }
    }

    /** @param pkcs8 the private key, PKCS #8 (RFC 5958) in DER */
    public static PrivateKey decodePrivate(String algorithm, byte[] pkcs8) {
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new CryptoException("not a private key of " + algorithm, e);
        }
    }

    /** @param spki the public key, SubjectPublicKeyInfo (RFC 5280 section 4.1) in DER */
    public static PublicKey decodePublic(String algorithm, byte[] spki) {
        try {
            return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(spki));
        } catch (GeneralSecurityException | IndexOutOfBoundsException e) {
            throw new CryptoException("not a public key of " + algorithm, e);
        }
    }
}
