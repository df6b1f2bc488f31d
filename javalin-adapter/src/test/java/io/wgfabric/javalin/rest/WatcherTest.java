package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.PublishedNetmap;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One stream and a client that reads when the test says so; all on the test's thread. */
class WatcherTest {
    private static final ClusterId CLUSTER = ClusterId.of(1);
    private static final NetmapSigner SIGNER = signer();

    private final Deque<Callback> writes = new ArrayDeque<>();
    private final List<String> received = new ArrayList<>();
    private final StringBuilder partial = new StringBuilder();
    private boolean over;

    private static NetmapSigner signer() {
        CertificateAuthority authority = CertificateAuthority.create(CLUSTER, Keys.generateP256(), Instant.now());
        KeyPair pair = Keys.generateEd25519();
        return new NetmapSigner(
                pair.getPrivate(),
                authority.issueConfigSigner(CLUSTER, 1, pair.getPublic(), Instant.now()),
                authority.certificate());
    }

    /** Each revision has another header; the first has so many pools that a base is long. */
    private static Netmap netmap(long revision) {
        List<Prefix> pools = IntStream.range(0, 40)
                .mapToObj(i -> Prefix.parse("10." + i + "." + revision % 256 + ".0/24"))
                .toList();
        return new Netmap(CLUSTER, 1, new Revision(revision), 1420, pools, List.of());
    }

    private static Announcement.Told told(long revision) {
        return new Announcement.Told(new Edition(1, new Revision(revision)), SIGNER.id());
    }

    private Watcher watcher(Announcement.Told told) {
        Response response = (Response) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Response.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("write")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    receive((ByteBuffer) arguments[1]);
                    writes.add((Callback) arguments[2]);
                    return null;
                });
        return new Watcher(
                NodeId.of(1), told, Instant.MAX, 1, response, Callback.NOOP, Runnable::run, () -> over = true);
    }

    private void receive(ByteBuffer bytes) {
        partial.append(StandardCharsets.UTF_8.decode(bytes));
        int end = partial.indexOf("\n");
        while (end >= 0) {
            received.add(partial.substring(0, end));
            partial.delete(0, end + 1);
            end = partial.indexOf("\n");
        }
    }

    /** The client takes all that there is. */
    private void drain() {
        for (Callback write = writes.poll(); write != null; write = writes.poll()) {
            write.succeeded();
        }
    }

    private List<PublishedNetmap> history(int changes) {
        List<PublishedNetmap> all = new ArrayList<>(List.of(PublishedNetmap.begin(netmap(1), SIGNER)));
        for (int revision = 2; revision <= changes + 1; revision++) {
            all.add(all.get(all.size() - 1).next(netmap(revision), SIGNER));
        }
        return all;
    }

    @Test
    void aSlowClientGetsWhatItMissedOnceItReads() {
        List<PublishedNetmap> history = history(3);
        Watcher watcher = watcher(told(1));
        watcher.announce(new Announcement(history.get(1)));
        assertEquals(1, writes.size());
        watcher.announce(new Announcement(history.get(2)));
        watcher.announce(new Announcement(history.get(3)));
        assertEquals(1, writes.size(), "one write at a time");
        PublishedNetmap newest = history.get(3);
        Edition second = new Edition(1, new Revision(2));
        boolean kept = newest.after(second) != null;

        drain();

        assertTrue(received.get(0).startsWith("{\"signature\""));
        assertEquals(kept ? 3 : 2, received.size());
        assertEquals(new Edition(1, new Revision(4)), watcher.told().seen());
        assertFalse(watcher.isStalled(0));
    }

    @Test
    void aClientThatIsFarBehindGetsOneFullConfigurationAndNotWhatItMissed() {
        List<PublishedNetmap> history = history(60);
        Watcher watcher = watcher(told(1));
        watcher.announce(new Announcement(history.get(1)));
        for (PublishedNetmap published : history.subList(2, history.size())) {
            watcher.announce(new Announcement(published));
        }

        drain();

        assertEquals(2, received.size(), "the line that was on its way, and one for all the rest");
        assertTrue(received.get(1).startsWith("{\"netmap\""));
        assertEquals(new Edition(1, new Revision(61)), watcher.told().seen());
    }

    @Test
    void whoKnowsItAlreadyIsToldNothing() {
        PublishedNetmap published = history(1).get(1);
        Watcher watcher = watcher(told(2));
        watcher.announce(new Announcement(published));
        drain();
        assertEquals(List.of(), received);
        Watcher ahead = watcher(told(7));
        ahead.announce(new Announcement(published));
        drain();
        assertEquals(List.of(), received);
    }

    @Test
    void anotherSignerShowsItsCertificate() {
        Watcher watcher = watcher(new Announcement.Told(new Edition(1, new Revision(1)), "another"));
        watcher.announce(new Announcement(history(1).get(1)));
        drain();
        assertTrue(received.get(0).startsWith("{\"netmap\""));
    }

    @Test
    void whatIsNotSentYetIsNotToldToWhoIsShutOut() {
        List<PublishedNetmap> history = history(2);
        Watcher watcher = watcher(told(1));
        watcher.announce(new Announcement(history.get(1)));
        watcher.announce(new Announcement(history.get(2)));
        watcher.finish("{\"gone\":\"removed\"}\n".getBytes(StandardCharsets.UTF_8));
        watcher.announce(new Announcement(history.get(2)));
        drain();
        assertEquals(2, received.size());
        assertEquals("{\"gone\":\"removed\"}", received.get(1));
        assertTrue(over);
    }

    @Test
    void aPingAndAnotherLineDoNotHoldTheConfigurationUp() {
        List<PublishedNetmap> history = history(1);
        Watcher watcher = watcher(told(1));
        watcher.ping("{\"ping\":1}\n".getBytes(StandardCharsets.UTF_8), 0);
        watcher.announce(new Announcement(history.get(1)));
        watcher.ping("{\"ping\":2}\n".getBytes(StandardCharsets.UTF_8), 0);
        drain();
        assertEquals(2, received.size(), "no ping while there is something to say: " + received);
        assertEquals("{\"ping\":1}", received.get(0));
    }

    @Test
    void theLinesAreSharedByAllStreams() {
        Announcement announcement = new Announcement(history(1).get(1));
        Announcement.Line one = announcement.after(told(1));
        Announcement.Line other = announcement.after(told(1));
        Announcement.Line full = announcement.after(Announcement.Told.NOTHING);
        assertSame(bytes(one), bytes(other));
        assertSame(bytes(full), bytes(announcement.after(Announcement.Told.NOTHING)));
    }

    private static byte[] bytes(Announcement.@Nullable Line line) {
        return Objects.requireNonNull(line).bytes();
    }
}
