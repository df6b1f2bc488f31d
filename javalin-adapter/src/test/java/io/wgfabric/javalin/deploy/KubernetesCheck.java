package io.wgfabric.javalin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * The manifests of {@code deploy/kubernetes} against the schemas that Kubernetes publishes, and against each other. It
 * needs node, npm and the registry that npm is set to, so it runs with {@code -Poutside} alone; without them it fails and
 * says so.
 */
@Timeout(180)
class KubernetesCheck {
    /** Types and required fields; all names of fields. Both run on Debian 12's node, which is version 18. */
    private static final List<String> LIBRARIES = List.of("kubernetes-models@4.5.1", "@kubernetes/client-node@1.4.0");

    private static final Path MANIFESTS = Path.of("..", "deploy", "kubernetes");
    private static final Path FOLDER = Path.of("target", "kubernetes");

    /** One damage, and what has to be said of it. */
    private record Damage(String file, String from, String to, String complaint) {}

    private static final List<Damage> DAMAGES = List.of(
            new Damage("managers.yaml", "serviceName: m", "servicename: m", "servicename is not a field of"),
            new Damage("managers.yaml", "periodSeconds: 10", "periodSecond: 10", "periodSecond is not a field of"),
            new Damage("managers.yaml", "replicas: 3", "replicas: three", "replicas must be integer"),
            new Damage("agents.yaml", "hostNetwork: true", "hostNetwork: \"yes\"", "hostNetwork must be boolean"),
            new Damage(
                    "managers.yaml", "          image: wireguard-fabric/manager\n", "", "has an image without a tag"),
            new Damage(
                    "managers.yaml",
                    "        - name: manager\n          image",
                    "        - image",
                    "must have required property name"),
            new Damage("network.yaml", "networking.k8s.io/v1", "networking.k8s.io/v9", "is of no known kind"),
            new Damage("managers.yaml", "targetPort: rest", "targetPort: web", "Service m has the unknown port web"),
            new Damage(
                    "managers.yaml",
                    "port: rest\n              scheme",
                    "port: web\n              scheme",
                    "unknown port"),
            new Damage("managers.yaml", "clusterIP: None", "clusterIP: 10.0.0.9", "has no headless Service m"),
            new Damage("managers.yaml", ").m.wireguard", ").managers.wireguard", "and is known as"),
            new Damage(
                    "managers.yaml",
                    "- name: data\n              mountPath",
                    "- name: date\n              mountPath",
                    "date"),
            new Damage("managers.yaml", "optional: true", "optional: false", "cannot start without a Secret"),
            new Damage(
                    "managers.yaml", "serviceAccountName: manager", "serviceAccountName: m", "unknown service account"),
            new Damage(
                    "agents.yaml",
                    "matchLabels:\n      app",
                    "matchLabels:\n      ap",
                    "selects pods other than its own"),
            new Damage("network.yaml", "fabric-manager", "fabric-agents", "NetworkPolicy manager selects no pod"),
            new Damage("network.yaml", "- port: replication", "- port: raft", "has the unknown port raft"),
            new Damage("kustomization.yaml", "  - agents.yaml\n", "", "names other files than there are"));

    private static String run(String... command) throws IOException, InterruptedException {
        Path printed = FOLDER.resolve(command[0] + ".out");
        Path errors = FOLDER.resolve(command[0] + ".err");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(FOLDER.toFile())
                    .redirectOutput(printed.toFile())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError("this check needs the program '" + command[0] + "'", e);
        }
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended && process.exitValue() == 0, command[0] + " fails; see " + errors.toAbsolutePath());
        return Files.readString(printed);
    }

    private static void copyManifests(Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.newDirectoryStream(MANIFESTS, "*.yaml")) {
            for (Path file : files) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    @Test
    void manifestsFollowTheSchemasAndEachDamageIsFound() throws Exception {
        copyManifests(FOLDER.resolve("whole"));
        List<String> question = new ArrayList<>(List.of("node", "manifests.mjs", "whole"));
        for (int i = 0; i < DAMAGES.size(); i++) {
            Damage damage = DAMAGES.get(i);
            Path damaged = FOLDER.resolve("damaged-" + i);
            copyManifests(damaged);
            Path file = damaged.resolve(damage.file());
            String text = Files.readString(file);
            int at = text.indexOf(damage.from());
            assertTrue(at >= 0, damage.file() + " has no " + damage.from());
            Files.writeString(
                    file,
                    text.substring(0, at)
                            + damage.to()
                            + text.substring(at + damage.from().length()));
            question.add("damaged-" + i);
        }
        Files.writeString(FOLDER.resolve("package.json"), "{\"private\":true}");
        List<String> fetch =
                new ArrayList<>(List.of("npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts"));
        fetch.addAll(LIBRARIES);
        run(fetch.toArray(new String[0]));
        Files.copy(
                Path.of("src", "test", "js", "manifests.mjs"),
                FOLDER.resolve("manifests.mjs"),
                StandardCopyOption.REPLACE_EXISTING);

        JsonNode answer = Json.mapper().readTree(run(question.toArray(new String[0])));

        assertEquals("[]", answer.get("whole").toString());
        for (int i = 0; i < DAMAGES.size(); i++) {
            String said = answer.get("damaged-" + i).toString();
            assertTrue(said.contains(DAMAGES.get(i).complaint()), DAMAGES.get(i) + ": " + said);
        }
    }
}
