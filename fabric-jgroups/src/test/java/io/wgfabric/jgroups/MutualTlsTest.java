package io.wgfabric.jgroups;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.wgfabric.core.log.LogException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutualTlsTest {

    @Test
    void membersOfTheAuthority_workTogether_andOthersStayOutside(@TempDir Path directory) throws Exception {
        Certificates authority = new Certificates("ours");
        SSLContext contextA = authority.member("a");
        SSLContext contextB = authority.member("b");
        SSLContext stranger = new Certificates("theirs").member("d");
        try (Cluster cluster = new Cluster(directory)) {
            Cluster.Node a = cluster.start("a", builder -> builder.bootstrap().tls(contextA));
            await().atMost(Cluster.LONG).until(a::leads);
            cluster.start("b", builder -> builder.tls(contextB));
            a.addVoter("b");
            Cluster.Node c = cluster.start("c");
            Cluster.Node d = cluster.start("d", builder -> builder.tls(stranger));
            assertEquals("1", a.append("secret"));
            await().during(Duration.ofSeconds(2))
                    .atMost(Cluster.LONG)
                    .until(() -> a.log().status().connected().equals(Set.of("a", "b"))
                            && c.log().status().connected().equals(Set.of("c"))
                            && d.log().status().connected().equals(Set.of("d")));
            assertEquals("2", cluster.node("b").append("more"));
            assertEquals(0, c.replica().size() + d.replica().size());
        }
    }

    /** Such as one that has just been started on a busy machine. */
    @Test
    void memberThatAcceptsConnectionsAndSaysNothing_holdsUpNobody(@TempDir Path directory) throws Exception {
        Certificates authority = new Certificates("ours");
        SSLContext contextA = authority.member("a");
        SSLContext contextB = authority.member("b");
        SSLContext contextC = authority.member("c");
        InetSocketAddress place = Cluster.freePort();
        try (Cluster cluster = new Cluster(directory)) {
            Cluster.Node a = cluster.start("a", builder -> builder.bootstrap().tls(contextA));
            await().atMost(Cluster.LONG).until(a::leads);
            cluster.start("b", builder -> builder.tls(contextB));
            a.addVoter("b");
            cluster.addresses().add(place);
            cluster.start("c", builder -> builder.bind(place).tls(contextC));
            a.addVoter("c");
            cluster.stop("c");
            try (ServerSocket mute = new ServerSocket()) {
                mute.setReuseAddress(true);
                mute.bind(place);
                await().during(Duration.ofSeconds(3))
                        .atMost(Cluster.LONG)
                        .until(() -> !a.append("more").isEmpty());
            }
        }
    }

    @Test
    void withoutTls_onlyTheLoopbackAddressIsAllowed(@TempDir Path directory) {
        JGroupsLog.Builder builder =
                JGroupsLog.builder().cluster("x").self("a").directory(directory).members(List::of);
        assertThrows(LogException.class, () -> builder.bind(Cluster.freePort()).build());
        builder.plaintext();
        assertThrows(
                LogException.class, () -> builder.bind(new InetSocketAddress(1)).build());
    }

    @Test
    void memberThatListensEverywhere_isReachedAtItsAdvertisedAddress(@TempDir Path directory) throws Exception {
        Certificates authority = new Certificates("ours");
        SSLContext contextA = authority.member("a");
        SSLContext contextB = authority.member("b");
        InetSocketAddress advertised = Cluster.freePort();
        try (Cluster cluster = new Cluster(directory)) {
            Cluster.Node a = cluster.start(
                    "a",
                    builder -> builder.bootstrap()
                            .bind(new InetSocketAddress(advertised.getPort()))
                            .advertise(advertised)
                            .tls(contextA));
            await().atMost(Cluster.LONG).until(a::leads);
            cluster.addresses().clear();
            cluster.addresses().add(advertised);
            cluster.start("b", builder -> builder.tls(contextB));
            a.addVoter("b");
            assertEquals("1", cluster.node("b").append("one"));
        }
    }
}
