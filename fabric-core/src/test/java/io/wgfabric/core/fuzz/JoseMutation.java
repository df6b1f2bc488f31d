package io.wgfabric.core.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;

/** Knows the compact serialization (RFC 7515 section 7.1): changes one part below its Base64, or the parts themselves. */
final class JoseMutation implements Mutation {
    private static final String[] HEADERS = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"HS256\",\"typ\":\"wgfabric-join+jwt\"}",
        "{\"alg\":\"EdDSA\",\"crit\":[\"exp\"],\"exp\":1}",
        "{\"alg\":\"EdDSA\",\"b64\":false,\"crit\":[\"b64\"],\"typ\":\"wgfabric-join+jwt\"}",
        "{\"alg\":\"EdDSA\",\"zip\":\"DEF\",\"typ\":\"wgfabric-join+jwt\"}",
        "{\"alg\":\"EdDSA\",\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"},\"typ\":\"wgfabric-join+jwt\"}",
        "{\"alg\":\"PBES2-HS256+A128KW\",\"enc\":\"A128GCM\",\"p2c\":2147483647,\"p2s\":\"AA\"}",
        "{\"alg\":\"EdDSA\",\"x5c\":[],\"typ\":\"wgfabric-netmap+jws\"}"
    };

    private final JsonMutation json = new JsonMutation();
    private final ByteMutation bytes = new ByteMutation();

    @Override
    public byte[] damage(Random random, byte[] sound, byte[] other) {
        String[] parts = new String(sound, StandardCharsets.UTF_8).split("\\.", -1);
        String[] others = new String(other, StandardCharsets.UTF_8).split("\\.", -1);
        int part = random.nextInt(parts.length);
        switch (random.nextInt(8)) {
            case 0 -> parts[part] = others[Math.min(part, others.length - 1)];
            case 1 -> parts[part] = "";
            // Two parts more are what an encrypted token has (RFC 7516).
            case 2 -> parts = resized(parts, 1 + random.nextInt(7));
            case 3 -> parts[0] = encode(HEADERS[random.nextInt(HEADERS.length)].getBytes(StandardCharsets.UTF_8));
            default -> parts[part] = encode(inside(random, part, decode(parts[part]), other));
        }
        byte[] damaged = String.join(".", parts).getBytes(StandardCharsets.UTF_8);
        return damaged.length <= MAX_BYTES ? damaged : sound;
    }

    private byte[] inside(Random random, int part, byte[] content, byte[] other) {
        return part == 2 ? bytes.damage(random, content, other) : json.damage(random, content, other);
    }

    private static String[] resized(String[] parts, int count) {
        String[] resized = Arrays.copyOf(parts, count);
        for (int i = parts.length; i < count; i++) {
            resized[i] = "AA";
        }
        return resized;
    }

    private static String encode(byte[] content) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(content);
    }

    private static byte[] decode(String part) {
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            return part.getBytes(StandardCharsets.UTF_8);
        }
    }
}
