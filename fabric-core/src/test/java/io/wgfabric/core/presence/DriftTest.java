package io.wgfabric.core.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.DigestedNetmap;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.PublishedNetmap;
import io.wgfabric.core.wire.Heartbeat;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DriftTest {
    private static final ClusterId CLUSTER = ClusterId.of(1);
    private static final NodeId NODE = NodeId.of(5);
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final NetmapSigner signer = signer();
    private final Drift drift = new Drift();
    private PublishedNetmap published = PublishedNetmap.begin(netmap(1), signer);
    private Instant now = START;
    private long state = 1;

    private static NetmapSigner signer() {
        CertificateAuthority authority = CertificateAuthority.create(CLUSTER, Keys.generateP256(), START);
        KeyPair pair = Keys.generateEd25519();
        return new NetmapSigner(
                pair.getPrivate(),
                authority.issueConfigSigner(CLUSTER, 1, pair.getPublic(), START),
                authority.certificate());
    }

    private static Netmap netmap(long revision) {
        Prefix pool = Prefix.parse("10." + revision + ".0.0/16");
        return new Netmap(CLUSTER, 1, new Revision(revision), 1420, List.of(pool), List.of());
    }

    private static Bytes digest(long revision) {
        return DigestedNetmap.of(netmap(revision)).digest();
    }

    private void change(long revision) {
        published = published.next(netmap(revision), signer);
        state = revision;
    }

    private void beats(long applied, @Nullable Bytes digest, boolean direct, Duration period) {
        Revision revision = new Revision(applied);
        Heartbeat heartbeat = new Heartbeat(1, revision, revision, "1", "test", 0, null, null, digest, 0L, null, null);
        Instant end = now.plus(period);
        while (now.isBefore(end)) {
            drift.heard(NODE, heartbeat, direct, published, new Edition(1, new Revision(state)), now);
            now = now.plus(Presence.HEARTBEAT);
        }
    }

    private void beats(long applied, @Nullable Bytes digest) {
        beats(applied, digest, true, Drift.GRACE.multipliedBy(3));
    }

    @Test
    void whoHasWhatTheStateSaysIsRight() {
        beats(1, digest(1));
        state = 4;
        beats(4, digest(1));
        assertNull(drift.of(NODE));
        assertEquals(0, drift.count());
    }

    @Test
    void aForeignConfigurationIsSaidOnceItLasts() {
        beats(1, digest(9), true, Drift.GRACE);
        assertNull(drift.of(NODE));
        beats(1, digest(9));
        assertTrue(String.valueOf(drift.of(NODE)).contains("another configuration of revision 1"));
        assertEquals(1, drift.count());
        beats(1, digest(1));
        assertNull(drift.of(NODE));
    }

    @Test
    void whoIsKeptAtAnOldConfigurationIsSaidToo() {
        beats(1, digest(1));
        change(2);
        beats(1, digest(1), true, Drift.GRACE);
        assertNull(drift.of(NODE));
        beats(1, digest(1));
        assertTrue(String.valueOf(drift.of(NODE)).contains("should have revision 2"), drift.of(NODE));
    }

    @Test
    void whoFollowsManyChangesIsNotBehind() {
        for (int revision = 2; revision < 60; revision++) {
            change(revision);
            beats(revision - 1, digest(revision - 1), true, Presence.HEARTBEAT);
        }
        assertNull(drift.of(NODE));
        assertEquals(0, drift.count());
    }

    @Test
    void ofWhatThisManagerDoesNotKnowYetItSaysNothing() {
        beats(7, digest(9));
        assertNull(drift.of(NODE));
        beats(1, null);
        assertNull(drift.of(NODE));
    }

    /** A manager that lies about what a node told it does not silence the node. */
    @Test
    void whatOthersSayDoesNotHideWhatTheNodeSays() {
        for (int i = 0; i < 20; i++) {
            beats(1, digest(9), true, Presence.HEARTBEAT);
            beats(1, digest(1), false, Presence.HEARTBEAT);
        }
        assertEquals(1, drift.count());
        assertTrue(String.valueOf(drift.of(NODE)).contains("another configuration"));
        drift.retain(id -> false);
        assertNull(drift.of(NODE));
    }

    @Test
    void refusalsOfNodesAreCounted() {
        Revision one = new Revision(1);
        for (long total : new long[] {0, 2, 2, 5, 1}) {
            Heartbeat heartbeat = new Heartbeat(1, one, one, "1", "test", 0, null, null, digest(1), total, null, null);
            drift.heard(NODE, heartbeat, true, published, published.edition(), now);
            drift.heard(NODE, heartbeat, false, published, published.edition(), now);
        }
        // After a restart of the agent it counts from nothing again.
        assertEquals(6, drift.refused());
    }
}
