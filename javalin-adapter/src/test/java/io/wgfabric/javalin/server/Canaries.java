package io.wgfabric.javalin.server;

import io.wgfabric.core.crypto.Keys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Secrets by name, and the search for them in whatever form: raw, hexadecimal, Base64 of either alphabet. */
public final class Canaries {
    /** Less could stand somewhere by chance. */
    private static final int MIN_BYTES = 12;

    /** The private key is at its end (RFC 8410 section 7). */
    private static final int ED25519_PKCS8 = 48;

    /** What pre-shared keys are derived from; any private key is longer in PKCS #8. */
    private static final int SHARED_SECRET = 32;

    private final Map<String, List<String>> forms = new TreeMap<>();

    public void plant(String name, byte[] secret) {
        if (secret.length < MIN_BYTES) {
            throw new IllegalArgumentException(name + " is too short to search for");
        }
        List<String> all = new ArrayList<>();
        all.add(latin1(secret));
        String hex = HexFormat.of().formatHex(secret);
        all.add(hex);
        all.add(hex.toUpperCase(Locale.ROOT));
        // At each of the three places in a longer text, less the characters that its neighbours change.
        for (int shift = 0; shift < 3; shift++) {
            ByteArrayOutputStream shifted = new ByteArrayOutputStream();
            shifted.writeBytes(new byte[shift]);
            shifted.writeBytes(secret);
            for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
                String text = encoder.withoutPadding().encodeToString(shifted.toByteArray());
                all.add(text.substring(shift == 0 ? 0 : 4, text.length() - 4));
            }
        }
        forms.put(name, all);
    }

    public void plant(String name, String secret) {
        plant(name, secret.getBytes(StandardCharsets.UTF_8));
    }

    /** The private number itself, which every form of the key has in it. */
    void plantPrivateKey(String name, byte[] pkcs8) {
        byte[] number = pkcs8.length == ED25519_PKCS8
                ? pkcs8
                : ((ECPrivateKey) Keys.decodePrivate("EC", pkcs8)).getS().toByteArray();
        plant(name, number.length > 32 ? Arrays.copyOfRange(number, number.length - 32, number.length) : number);
    }

    /** A secret of the cluster: a private key, or one that others are derived from. */
    void plantSecret(String name, byte[] secret) {
        if (secret.length == SHARED_SECRET) {
            plant(name, secret);
        } else {
            plantPrivateKey(name, secret);
        }
    }

    /** The secret part of an operator's credential. */
    void plantCredential(String name, String credential) {
        plant(name, Base64.getUrlDecoder().decode(credential.substring(credential.lastIndexOf('.') + 1)));
    }

    Set<String> names() {
        return new TreeSet<>(forms.keySet());
    }

    /** Which of them are in there. */
    public Set<String> in(byte[] content) {
        String text = latin1(content);
        TreeSet<String> found = new TreeSet<>();
        forms.forEach((name, all) -> {
            if (all.stream().anyMatch(text::contains)) {
                found.add(name);
            }
        });
        return found;
    }

    public Set<String> in(String content) {
        return in(content.getBytes(StandardCharsets.UTF_8));
    }

    /** Which file below has which, as {@code path: name}. */
    Set<String> below(Path root) throws IOException {
        TreeSet<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                in(Files.readAllBytes(file)).forEach(name -> found.add(root.relativize(file) + ": " + name));
            }
        }
        return found;
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
