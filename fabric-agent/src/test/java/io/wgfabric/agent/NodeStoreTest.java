package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.netmap.SignedNetmap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStoreTest {
    private static final ClusterId CLUSTER = ClusterId.of(1);

    @TempDir
    Path temp;

    private NodeStore store() {
        return new NodeStore(temp.resolve("node"));
    }

    private NodeStore joined() throws IOException {
        NodeStore store = store();
        store.beginJoin("hash");
        KeyPair tls = Keys.generateP256();
        CertificateAuthority authority = CertificateAuthority.create(CLUSTER, Keys.generateP256(), Instant.now());
        store.completeJoin(
                new NodeStore.Identity(
                        CLUSTER,
                        NodeId.of(1),
                        new NodeName("a"),
                        Role.PEER,
                        List.of("192.0.2.1:7443"),
                        "wgf0",
                        51820,
                        51821,
                        null),
                tls.getPrivate(),
                Certificates.encode(authority.issueNode(
                        tls.getPublic(), new NodeIdentity(CLUSTER, Role.PEER, NodeId.of(1)), Instant.now())),
                Authorities.of(authority.certificate()),
                SignedNetmap.of("a.b.c"));
        return store;
    }

    @Test
    void whatWasStoredIsThereAfterARestart() throws IOException {
        NodeStore store = joined();
        NodeStore again = store();
        assertTrue(again.hasJoined());
        assertEquals(store.identity(), again.identity());
        assertEquals(store.publicKeys(), again.publicKeys());
        assertEquals(SignedNetmap.of("a.b.c"), again.netmap().orElseThrow());
        assertEquals(store.tlsKey(), again.tlsKey());
    }

    @Test
    void onlyTheOwnerReadsIt() throws IOException {
        joined();
        try (Stream<Path> files = Files.walk(temp.resolve("node"))) {
            for (Path file : files.toList()) {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                assertEquals(Files.isDirectory(file) ? "rwx------" : "rw-------", mode, file.toString());
            }
        }
    }

    @Test
    void anInterruptedJoinIsTheSameRequestAgain() throws IOException {
        RequestId first = store().beginJoin("hash");
        assertEquals(first, store().beginJoin("hash"));
        assertNotEquals(first, store().beginJoin("another token"));
    }

    @Test
    void aRefusedJoinLeavesNothing() throws IOException {
        NodeStore store = store();
        store.beginJoin("hash");
        store.erase();
        assertFalse(Files.exists(temp.resolve("node")));
    }

    @Test
    void whatIsNotTheNodesStays() throws IOException {
        NodeStore store = joined();
        Files.writeString(temp.resolve("node").resolve("mine.txt"), "mine");
        store.erase();
        assertTrue(Files.exists(temp.resolve("node").resolve("mine.txt")));
        assertFalse(store.hasJoined());
    }

    @Test
    void aDamagedFileSaysSo() throws IOException {
        joined();
        Files.writeString(temp.resolve("node").resolve("node.json"), "{");
        IOException thrown = assertThrows(IOException.class, () -> store().identity());
        assertTrue(String.valueOf(thrown.getMessage()).contains("is damaged"), thrown.getMessage());
    }

    @Test
    void theNextKeySurvivesARestartAndIsPromoted() throws IOException {
        NodeStore store = joined();
        PrivateKey next = PrivateKey.generate(new SecureRandom());
        store.saveKeys(store.keys().withNext(Plane.MAIN, next));
        WireGuardKeys restarted = store().keys();
        assertEquals(next, restarted.next(Plane.MAIN));
        assertEquals(next, restarted.promoted(Plane.MAIN).current(Plane.MAIN));
        assertFalse(restarted.toString().contains("PrivateKey("), "no key in any text");
    }

    @Test
    void aFolderThatCannotBeMadeSaysWhatToDo() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "");
        IOException thrown =
                assertThrows(IOException.class, () -> new NodeStore(file.resolve("node")).beginJoin("hash"));
        assertTrue(String.valueOf(thrown.getMessage()).contains("--data"), thrown.getMessage());
    }
}
