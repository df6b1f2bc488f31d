package io.wgfabric.scale.agents;

import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.SignedDelta;
import io.wgfabric.core.netmap.SignedNetmap;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * What a node says that it has when it opens a stream, read off a configuration without looking whether it is genuine: a
 * process that plays thousands of nodes cannot do the work of thousands of machines.
 *
 * @param signer {@code x5t#S256} of who signed it
 */
record Told(long epoch, long revision, String signer) {
    static final Told NOTHING = new Told(0, 0, "");

    private static final String EPOCH = "\"epoch\":";
    private static final String REVISION = "\"revision\":";

    /** The fields that are asked for come before the members; a multiple of four. */
    private static final int HEAD = 400;

    static Told of(SignedNetmap signed) {
        String[] parts = signed.base().split("\\.", -1);
        String header = new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.UTF_8);
        String certificate = Json.mapper().readTree(header).path("x5c").path(0).asString("");
        String payload = parts[1].substring(0, Math.min(HEAD, parts[1].length()));
        String head = new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
        Told told = new Told(number(head, EPOCH), number(head, REVISION), thumbprint(certificate));
        for (String delta : signed.deltas()) {
            told = told.after(delta);
        }
        return told;
    }

    /** What it has with a delta, in the line that it came in. */
    Told after(String delta) {
        String payload = SignedDelta.parse(delta).payload();
        return new Told(number(payload, EPOCH), number(payload, REVISION), signer);
    }

    private static long number(String json, String field) {
        int begin = json.indexOf(field) + field.length();
        int end = begin;
        while (end < json.length() && Character.isDigit(json.charAt(end))) {
            end++;
        }
        if (begin < field.length() || end == begin) {
            throw new CryptoException("a configuration does not say which it is");
        }
        return Long.parseLong(json, begin, end, 10);
    }

    private static String thumbprint(String certificate) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(Base64.getDecoder().decode(certificate));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (GeneralSecurityException e) {
            throw new CryptoException("there is no SHA-256", e);
        }
    }

    String query() {
        String known = signer.isEmpty() ? "" : "&signer=" + signer;
        return epoch == 0 ? "" : "?epoch=" + epoch + "&revision=" + revision + known;
    }

    /** The same of a node that needs a full one. */
    Told withoutSigner() {
        return new Told(epoch, revision, "");
    }
}
