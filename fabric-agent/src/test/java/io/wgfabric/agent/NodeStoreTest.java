package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
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
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        complete(store);
        return store;
    }

    private static void complete(NodeStore store) throws IOException {
        KeyPair tls = store.joiningTlsKeys();
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

    /** A folder whose name ends in a dot can be removed as little as a mount point (rmdir(2), EINVAL and EBUSY). */
    @Test
    void aFolderThatCannotBeRemovedIsLeftEmpty() throws IOException {
        NodeStore store = new NodeStore(temp.resolve("node").resolve("."));
        store.beginJoin("hash");
        store.erase();
        try (Stream<Path> rest = Files.list(temp.resolve("node"))) {
            assertEquals(List.of(), rest.toList());
        }
    }

    @Test
    void theChosenExitNodeIsKeptUntilTheNodeGoes() throws IOException {
        NodeStore store = joined();
        assertTrue(store.exit().isEmpty());
        store.saveExit(new NodeStore.Exit(NodeId.of(7)));
        assertEquals(NodeId.of(7), store().exit().orElseThrow().node());
        store.saveExit(new NodeStore.Exit(null));
        assertNull(store().exit().orElseThrow().node(), "once there was one, and now there is none");
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

    /** Whatever is in the way of the file beside it ends the operation there, as a crash does. */
    private Path block(String name) throws IOException {
        Path file = temp.resolve("node").resolve(name);
        return Files.createDirectories(file.resolveSibling(name + ".new").resolve("in the way"));
    }

    /** What a write that broke off leaves beside the file. */
    private static void unblock(Path block) throws IOException {
        Files.delete(block);
        Files.delete(block.getParent());
        Files.writeString(block.getParent(), "{\"half");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wireguard.json", "tls.key", "tls.pub", "joining.json"})
    void aRequestIsNeverRepeatedWithOtherKeys(String name) throws IOException {
        RequestId first = store().beginJoin("hash");
        NodeKeys keys = store().publicKeys();
        KeyPair tls = store().joiningTlsKeys();
        Path block = block(name);
        assertThrows(IOException.class, () -> store().beginJoin("another token"));
        unblock(block);
        assertNotEquals(first, store().beginJoin("hash"), "the keys of the first attempt are gone");
        assertNotEquals(keys, store().publicKeys());
        assertNotEquals(tls.getPublic(), store().joiningTlsKeys().getPublic());
        assertEquals(store().tlsKey(), store().joiningTlsKeys().getPrivate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"wireguard.json", "tls.key", "tls.pub", "joining.json"})
    void aBeginningThatBrokeOffBeginsAgain(String name) throws IOException {
        Path block = block(name);
        assertThrows(IOException.class, () -> store().beginJoin("hash"));
        unblock(block);
        RequestId request = store().beginJoin("hash");
        NodeKeys keys = store().publicKeys();
        assertEquals(request, store().beginJoin("hash"));
        assertEquals(keys, store().publicKeys());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls.key", "tls.crt", "authorities.json", "node.json"})
    void anAdmissionThatBrokeOffIsAskedForAgainAndCompleted(String name) throws IOException {
        RequestId request = store().beginJoin("hash");
        NodeKeys keys = store().publicKeys();
        PublicKey tls = store().joiningTlsKeys().getPublic();
        Path block = block(name);
        assertThrows(IOException.class, () -> complete(store()));
        unblock(block);
        assertFalse(store().hasJoined());
        assertEquals(request, store().beginJoin("hash"), "so that the first answer comes again");
        assertEquals(keys, store().publicKeys());
        assertEquals(tls, store().joiningTlsKeys().getPublic());
        complete(store());
        assertTrue(store().hasJoined());
        assertFalse(store().isJoining());
        assertEquals(keys, store().publicKeys());
    }

    @Test
    void keysThatBrokeOffAreTheOldOnes() throws IOException {
        NodeStore store = joined();
        WireGuardKeys before = store.keys();
        Path block = block("wireguard.json");
        PrivateKey next = PrivateKey.generate(new SecureRandom());
        assertThrows(IOException.class, () -> store.saveKeys(before.withNext(Plane.MAIN, next)));
        unblock(block);
        assertEquals(before, store().keys());
        store().saveKeys(before.withNext(Plane.MAIN, next));
        assertEquals(next, store().keys().next(Plane.MAIN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"node.json", "wireguard.json", "tls.key", "tls.crt", "authorities.json"})
    void whatAnErasureLeftThatBrokeOffIsNotOfTheNextMembership(String name) throws IOException {
        joined();
        Path folder = temp.resolve("node");
        Files.writeString(folder.resolve("seen.json"), "{\"epoch\":9,\"revision\":9}");
        Path file = folder.resolve(name);
        Files.delete(file);
        Path inTheWay = Files.createDirectories(file.resolve("in the way"));
        assertThrows(IOException.class, () -> store().erase());
        Files.delete(inTheWay);
        assertFalse(store().hasJoined() && !name.equals("node.json"));
        Files.delete(file);
        store().beginJoin("hash");
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    Set.of("joining.json", "tls.key", "tls.pub", "wireguard.json"),
                    left.map(path -> String.valueOf(path.getFileName())).collect(Collectors.toSet()));
        }
    }

    @Test
    void aFolderThatCannotBeMadeSaysWhatToDo() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "");
        IOException thrown =
                assertThrows(IOException.class, () -> new NodeStore(file.resolve("node")).beginJoin("hash"));
        assertTrue(String.valueOf(thrown.getMessage()).contains("--data"), thrown.getMessage());
    }
}
