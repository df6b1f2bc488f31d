package io.wgfabric.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.codec.Json;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * A JWT library that is none of ours, {@code jose} of npm, verifies a token with the cluster's public key and refuses
 * every altered one. It needs node, npm and the registry that npm is set to, so it runs with {@code -Poutside} alone;
 * without them it fails and says so.
 */
@Timeout(180)
class OutsideJwtCheck {
    /** The newest line that runs on Debian 12's node, which is version 18. */
    private static final String LIBRARY = "jose@5.10.0";

    private static final Path FOLDER = Path.of("target", "jose");
    private static final ClusterId CLUSTER = ClusterId.of(1);

    private final KeyPair pair = Keys.generateEd25519();

    /** Runs a program in the folder and returns what it printed; its errors go to a file beside. */
    private static String run(String failure, String... command) throws IOException, InterruptedException {
        File out = FOLDER.resolve(command[0] + ".out").toFile();
        File errors = FOLDER.resolve(command[0] + ".err").toFile();
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(FOLDER.toFile())
                    .redirectOutput(out)
                    .redirectError(errors)
                    .start();
        } catch (IOException e) {
            throw new AssertionError("this check needs the program '" + command[0] + "'", e);
        }
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        process.destroyForcibly();
        if (!ended || process.exitValue() != 0) {
            throw new AssertionError(failure + "; see " + errors.getAbsolutePath());
        }
        return Files.readString(out.toPath());
    }

    @Test
    void outsideLibraryAgreesAboutEveryToken() throws Exception {
        Files.createDirectories(FOLDER);
        Files.writeString(FOLDER.resolve("package.json"), "{\"private\":true}");
        run(
                "npm cannot fetch " + LIBRARY + " from its registry",
                "npm",
                "install",
                "--no-audit",
                "--no-fund",
                "--no-save",
                "--ignore-scripts",
                LIBRARY);
        Files.copy(
                Path.of("src", "test", "js", "verify.mjs"),
                FOLDER.resolve("verify.mjs"),
                StandardCopyOption.REPLACE_EXISTING);
        Map<String, String> tokens = tokens();
        Map<String, Object> question = Map.of(
                "key",
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(pair.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n",
                "issuer",
                CLUSTER.text(),
                "audience",
                JoinToken.AUDIENCE,
                "type",
                JoinToken.TYPE,
                "tokens",
                tokens);
        Files.writeString(FOLDER.resolve("question.json"), Json.mapper().writeValueAsString(question));

        JsonNode answer = Json.mapper().readTree(run("verify.mjs fails", "node", "verify.mjs", "question.json"));

        Map<String, String> expected = new TreeMap<>();
        tokens.keySet().forEach(name -> expected.put(name, name.startsWith("genuine") ? "verified" : "refused"));
        Map<String, String> found = new TreeMap<>();
        answer.properties()
                .forEach(each -> found.put(each.getKey(), each.getValue().asString("")));
        assertEquals(expected, found);
        // And ours agrees, but for time, which is the machine's to decide.
        JoinTokens ours = new JoinTokens(CLUSTER, pair.getPrivate(), pair.getPublic());
        tokens.forEach((name, token) -> assertEquals(
                name.startsWith("genuine") || name.equals("expired"),
                ours.verify(token) instanceof JoinTokens.Checked.Genuine,
                name));
    }

    private String token(ClusterId cluster, KeyPair by, Duration life) {
        return new JoinTokens(cluster, by.getPrivate(), by.getPublic())
                .sign(new JoinToken(
                        cluster,
                        TokenId.of(7),
                        Role.PEER,
                        Instant.now().minusSeconds(7_200),
                        Instant.now().plus(life),
                        Bytes.of(new byte[32]),
                        List.of("m1.example.net:7443")));
    }

    private Map<String, String> tokens() {
        String genuine = token(CLUSTER, pair, Duration.ofHours(1));
        String[] parts = genuine.split("\\.", -1);
        Map<String, String> tokens = new LinkedHashMap<>();
        tokens.put("genuine", genuine);
        tokens.put("expired", token(CLUSTER, pair, Duration.ofHours(-1)));
        tokens.put("of another key", token(CLUSTER, Keys.generateEd25519(), Duration.ofHours(1)));
        tokens.put("of another cluster", token(ClusterId.of(2), pair, Duration.ofHours(1)));
        tokens.put("no algorithm", encoded("{\"alg\":\"none\"}") + "." + parts[1] + ".");
        tokens.put("without signature", parts[0] + "." + parts[1] + ".");
        tokens.put("other header", encoded("{\"alg\":\"HS256\"}") + "." + parts[1] + "." + parts[2]);
        for (int part = 0; part < parts.length; part++) {
            for (int at = 1; at < parts[part].length() - 1; at += Math.max(1, parts[part].length() / 12)) {
                String[] altered = parts.clone();
                char other = parts[part].charAt(at) == 'A' ? 'B' : 'A';
                altered[part] = parts[part].substring(0, at) + other + parts[part].substring(at + 1);
                tokens.put("altered in part " + part + " at " + at, String.join(".", altered));
            }
        }
        return tokens;
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
