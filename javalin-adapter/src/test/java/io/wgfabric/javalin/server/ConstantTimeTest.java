package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * TS-2025-003, secrets compared byte by byte until the first that differs. Whether a comparison is of secrets no tool can
 * tell, so the sources of all published modules are searched for every way to compare, and each place is listed here.
 */
class ConstantTimeTest {
    private static final List<String> MODULES =
            List.of("fabric-api", "fabric-core", "fabric-jgroups", "fabric-agent", "javalin-adapter");

    /** What ends at the first difference. */
    private static final Pattern COMPARES = Pattern.compile("Arrays\\.(equals|compare|mismatch|deepEquals)\\(");

    private static final Pattern SECRET_EQUALS = Pattern.compile(
            "(?i)(secret|passphrase|credential|private|sealingKey|opened)\\w*(\\(\\))?"
                    + "(\\.(toArray|hex|text|getEncoded|reveal)\\(\\))?\\.(equals|contentEquals|compareTo|equalsIgnoreCase)\\(");

    private static final Map<String, String> PUBLIC = Map.of(
            "Address.java", "addresses are public",
            "Backup.java", "the magic number of a file",
            "Bytes.java", "never a secret in clear",
            "FabricTrust.java", "certificates are public",
            "PublicKey.java", "public keys",
            "Schemas.java", "the parameters of a method",
            "SecretBytes.java", "the last bytes of an answer, which are its end mark",
            "UapiText.java", "the name of a field, not its value");

    private static Map<Path, String> sources() throws IOException {
        Map<Path, String> sources = new TreeMap<>();
        for (String module : MODULES) {
            Path root = Path.of("..", module, "src", "main", "java");
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    sources.put(file, Files.readString(file));
                }
            }
        }
        assertTrue(sources.size() > 150, "all sources are searched, not " + sources.size());
        return sources;
    }

    private static Set<String> having(Pattern pattern) throws IOException {
        TreeSet<String> files = new TreeSet<>();
        sources().forEach((file, text) -> {
            if (pattern.matcher(text).find()) {
                files.add(String.valueOf(file.getFileName()));
            }
        });
        return files;
    }

    @Test
    void onlyWhatIsPublicIsComparedUntilTheFirstDifference() throws IOException {
        Set<String> unlisted = new TreeSet<>(having(COMPARES));
        assertTrue(unlisted.contains("PublicKey.java"), "the search finds what there is");
        unlisted.removeAll(PUBLIC.keySet());
        assertEquals(Set.of(), unlisted, "is it of secrets? If not, say above of what");
    }

    @Test
    void noSecretIsComparedByEquals() throws IOException {
        assertEquals(Set.of(), having(SECRET_EQUALS));
        assertTrue(SECRET_EQUALS.matcher("given.secret().equals(other)").find());
        assertTrue(SECRET_EQUALS.matcher("if (passphrase.contentEquals(text))").find());
    }

    @Test
    void whatProvesWhoSomebodyIsIsComparedInConstantTime() throws IOException {
        assertEquals(Set.of("OperatorCredential.java"), having(Pattern.compile("\\bsecretHash\\(\\)")));
        assertEquals(
                Set.of("OperatorCredential.java"),
                having(Pattern.compile("MessageDigest\\.isEqual\\([^;]*secretHash\\(\\)")));
        assertTrue(having(Pattern.compile("MessageDigest\\.isEqual\\(bytes, key\\.bytes\\)"))
                .contains("PrivateKey.java"));
    }
}
