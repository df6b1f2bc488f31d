package io.wgfabric.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.log.LogStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jgroups.protocols.raft.RAFT;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JGroupsRaftFacesTest {

    @Test
    void jgroupsRaftsOwnMethods_workOnAnyMember(@TempDir Path directory) throws Exception {
        try (Cluster cluster = new Cluster(directory)) {
            Cluster.Node a = cluster.first("a");
            Cluster.Node b = cluster.start("b");
            RAFT face = b.log().raft();
            face.addServer("b").get(10, TimeUnit.SECONDS);
            assertEquals(List.of("a", "b"), face.members());
            assertEquals(2, face.majority());
            byte[] answer = face.setAsync("xcommandx".getBytes(UTF_8), 1, 7).get(10, TimeUnit.SECONDS);
            assertArrayEquals("1".getBytes(UTF_8), answer);
            assertEquals(List.of("command"), b.replica().commands());
            assertEquals("FOLLOWER", face.role());
            assertEquals(a.log().raft().getAddress(), face.leader());
            assertTrue(a.log().raft().isLeader());
            assertEquals(a.log().status().term(), face.currentTerm());
            face.removeServer("b").get(10, TimeUnit.SECONDS);
            await().atMost(Cluster.LONG).until(() -> Cluster.hasRole(b, LogStatus.Role.LEARNER));
            a.log().raft().snapshot();
        }
    }

    @Test
    void whenItsVoteCannotBeWritten_thenTheMemberHalts(@TempDir Path directory) throws Exception {
        try (Cluster cluster = new Cluster(directory)) {
            cluster.grow("a", "b").append("one");
            Cluster.Node b = cluster.node("b");
            // Its next vote cannot be written: a directory is in the place of the temporary file.
            Files.createDirectories(directory.resolve("b").resolve("vote.tmp").resolve("in-the-way"));
            cluster.stop("a");
            await().atMost(Cluster.LONG).until(() -> b.replica().haltedBy() != null);
            assertSame(LogStatus.Role.HALTED, b.log().status().role());
        }
    }
}
