package io.wgfabric.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.log.LogException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StoppedLogTest {
    @TempDir
    Path temporary;

    @SuppressWarnings("NullAway.Init")
    private Cluster cluster;

    @BeforeEach
    void prepare() {
        cluster = new Cluster(temporary);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private StoppedLog stopped(String id) throws IOException {
        return StoppedLog.open(temporary.resolve(id), cluster.name(), id);
    }

    private static Recorder replayed(StoppedLog log) throws IOException {
        Recorder recorder = new Recorder();
        log.replay(recorder);
        return recorder;
    }

    private Cluster.Node startAlone(String id, long epoch) {
        Cluster.Node node = cluster.start(id, builder -> builder.epoch(epoch));
        await().atMost(Cluster.LONG).until(node::leads);
        return node;
    }

    @Test
    void survivorGoesOnWithAllThatItHas_committedOrNot() throws Exception {
        Cluster.Node a = cluster.grow("a", "b", "c");
        a.append("one");
        cluster.stop("c");
        cluster.stop("b");
        CompletableFuture<byte[]> unknown =
                a.log().append("two".getBytes(UTF_8), Duration.ofSeconds(1)).toCompletableFuture();
        assertThrows(ExecutionException.class, () -> unknown.get(10, TimeUnit.SECONDS));
        cluster.stop("a");

        try (StoppedLog log = stopped("a")) {
            assertEquals(Set.of("a", "b", "c"), log.voters());
            assertEquals(List.of("one", "two"), replayed(log).commands());
            log.keepAlone();
            log.keepAlone();
            assertEquals(Set.of("a"), log.voters());
        }
        Cluster.Node again = startAlone("a", 2);

        assertEquals("3", again.append("three"));
        assertEquals(List.of("one", "two", "three"), again.replica().commands());
        assertEquals(Set.of("a"), again.log().status().voters());
    }

    @Test
    void membersOfDifferentEpochsDoNotMeet() throws Exception {
        cluster.grow("a", "b", "c").append("one");
        List.of("a", "b", "c").forEach(cluster::stop);
        try (StoppedLog log = stopped("a")) {
            log.keepAlone();
        }
        Cluster.Node a = startAlone("a", 2);
        Cluster.Node b = cluster.start("b");
        a.append("two");
        Cluster.Node d = cluster.start("d", builder -> builder.epoch(2));
        a.addVoter("d");
        LogException behind = assertThrows(LogException.class, () -> {
            try {
                b.log()
                        .append("lost".getBytes(UTF_8), Duration.ofSeconds(2))
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw e.getCause();
            }
        });

        assertEquals(LogException.Outcome.NOT_APPLIED, behind.outcome());
        assertFalse(b.log().status().connected().contains("a"));
        assertFalse(a.log().status().connected().contains("b"));
        assertTrue(d.log().status().connected().contains("a"));
        assertFalse(b.replica().commands().contains("two"));
        d.barrier();
        assertEquals(List.of("one", "two"), d.replica().commands());
    }

    @Test
    void logThatBeginsWithASnapshotIsServedAndHandedOn() throws Exception {
        Recorder before = new Recorder();
        before.apply(1, "old".getBytes(UTF_8));
        StoppedLog.create(temporary.resolve("a"), cluster.name(), "a", before.snapshot());

        Cluster.Node a = startAlone("a", 2);
        a.append("new");
        Cluster.Node b = cluster.start("b", builder -> builder.epoch(2));
        a.addVoter("b");
        b.barrier();

        assertEquals(List.of("old", "new"), b.replica().commands());
        cluster.stop("b");
        assertThrows(
                IllegalStateException.class,
                () -> StoppedLog.create(temporary.resolve("b"), cluster.name(), "b", before.snapshot()));
    }

    @Test
    void logInUseOrOfAnotherIsRefused() throws Exception {
        cluster.first("a");

        assertTrue(StoppedLog.exists(temporary.resolve("a")));
        assertFalse(StoppedLog.exists(temporary.resolve("z")));
        assertThrows(IOException.class, () -> stopped("a"));
        cluster.stop("a");
        assertThrows(IOException.class, () -> StoppedLog.open(temporary.resolve("a"), cluster.name(), "b"));
    }
}
