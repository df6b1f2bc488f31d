package io.wgfabric.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.wgfabric.core.log.LogException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members with good certificates that say or do what they may not. */
class ImpersonationTest {

    @Test
    void memberIsHeardOnlyInTheNameOfItsCertificate(@TempDir Path directory) throws Exception {
        Certificates authority = new Certificates("ours");
        SSLContext contextA = authority.member("a");
        SSLContext contextB = authority.member("b");
        SSLContext contextC = authority.member("c");
        try (Cluster cluster = new Cluster(directory)) {
            Cluster.Node a = cluster.start("a", builder -> builder.bootstrap().tls(contextA));
            await().atMost(Cluster.LONG).until(a::leads);
            Cluster.Node liar = cluster.start("b", builder -> builder.tls(contextC));
            await().during(Duration.ofSeconds(2))
                    .atMost(Cluster.LONG)
                    .until(() -> a.log().status().connected().equals(Set.of("a")));
            assertEquals(0, liar.log().status().term(), "nothing was said to it either");
            cluster.stop("b");
            cluster.start("b", builder -> builder.tls(contextB));
            a.addVoter("b");
            assertEquals("1", cluster.node("b").append("in its own name"));
        }
    }

    @Test
    void whoIsShutOut_asksForNothing_andLosesItsConnectionsOnceItHasNoVote(@TempDir Path directory) throws Exception {
        Certificates authority = new Certificates("ours");
        Set<String> removed = ConcurrentHashMap.newKeySet();
        try (Cluster cluster = new Cluster(directory)) {
            for (String id : List.of("a", "b", "c")) {
                SSLContext context = authority.member(id);
                cluster.start(id, builder -> {
                    builder.tls(context).admit(member -> !removed.contains(member));
                    return id.equals("a") ? builder.bootstrap() : builder;
                });
                Cluster.Node first = cluster.node("a");
                await().atMost(Cluster.LONG).until(first::leads);
                first.addVoter(id);
            }
            Cluster.Node a = cluster.node("a");
            Cluster.Node c = cluster.node("c");
            assertEquals("1", c.append("while it is one of them"));
            removed.add("c");
            ExecutionException thrown = assertThrows(
                    ExecutionException.class,
                    () -> c.log()
                            .append("too late".getBytes(UTF_8), Duration.ofSeconds(1))
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS));
            LogException unheard = assertInstanceOf(LogException.class, thrown.getCause());
            assertSame(LogException.Outcome.UNKNOWN, unheard.outcome());
            assertEquals("2", a.append("its vote still counts"));
            a.log().removeVoter("c", Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
            long since = System.nanoTime();
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> !a.log().status().connected().contains("c"));
            System.out.println("figure: from the loss of the vote to the view without the removed member: "
                    + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since) + " ms");
            assertEquals("3", a.append("without it"));
            await().during(Duration.ofSeconds(2))
                    .atMost(Cluster.LONG)
                    .until(() -> !a.log().status().connected().contains("c")
                            && !cluster.node("b").log().status().connected().contains("c"));
            assertEquals(
                    List.of("while it is one of them", "its vote still counts", "without it"),
                    a.replica().commands());
        }
    }
}
