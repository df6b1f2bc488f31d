package io.wgfabric.core.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.wire.Heartbeat;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class PresenceTest {
    private static final NodeId NODE = NodeId.of(1);

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;
    private final Presence presence = new Presence(clock);

    private static Heartbeat heartbeat(long settled) {
        return new Heartbeat(1, new Revision(settled), new Revision(settled), "0", "kernel", 3);
    }

    @Test
    void silenceMakesANodeSuspectAndThenOffline() {
        presence.heard(NODE, heartbeat(1));
        assertEquals(Presence.Status.ONLINE, presence.status(NODE));
        now = now.plus(Presence.SUSPECT_AFTER);
        assertEquals(Presence.Status.SUSPECT, presence.status(NODE));
        now = now.plus(Presence.OFFLINE_AFTER);
        assertEquals(Presence.Status.OFFLINE, presence.status(NODE));
    }

    @Test
    void aManagerThatHasJustStartedCallsNobodyOffline() {
        assertEquals(Presence.Status.SUSPECT, presence.status(NODE));
        now = now.plus(Presence.OFFLINE_AFTER).minusMillis(1);
        assertEquals(Presence.Status.SUSPECT, presence.status(NODE));
        now = now.plusMillis(1);
        assertEquals(Presence.Status.OFFLINE, presence.status(NODE));
    }

    @Test
    void whatOneManagerHeardTheOthersKnowWithItsAge() {
        Presence other = new Presence(clock);
        byte[][] sent = new byte[1][];
        InProcessLog log = new InProcessLog();
        presence.heard(NODE, heartbeat(7));
        now = now.plusSeconds(2);
        presence.tell(new ForwardingLog(log, datagram -> sent[0] = datagram));
        other.told("m1", sent[0]);
        assertEquals(now.minusSeconds(2), other.last(NODE).orElseThrow().at());
        assertEquals(new Revision(7), other.last(NODE).orElseThrow().heartbeat().settled());
    }

    @Test
    void anOlderSightingDoesNotReplaceANewerOne() {
        Presence other = new Presence(clock);
        byte[][] sent = new byte[1][];
        presence.heard(NODE, heartbeat(1));
        now = now.plus(Duration.ofSeconds(3));
        presence.tell(new ForwardingLog(new InProcessLog(), datagram -> sent[0] = datagram));
        other.heard(NODE, heartbeat(2));
        other.told("m1", sent[0]);
        assertEquals(new Revision(2), other.last(NODE).orElseThrow().heartbeat().settled());
    }

    @Test
    void aDatagramThatCannotBeReadIsDropped() {
        presence.told("m1", new byte[] {1, 2, 3});
        assertTrue(presence.last(NODE).isEmpty());
    }

    /** Two managers whose clocks differ by an hour, with a wire between them. */
    private final class Pair {
        private final Presence hears = presence;
        private final Presence isTold = new Presence(() -> now.plusSeconds(3600));

        void tell() {
            hears.tell(new ForwardingLog(new InProcessLog(), datagram -> isTold.told("m1", datagram)));
        }
    }

    @Test
    void aPulledCableShowsOnEveryManagerWithinFifteenSecondsWhateverTheirClocks() {
        Pair managers = new Pair();
        presence.heard(NODE, heartbeat(1));
        Instant pulled = now;
        managers.tell();
        assertEquals(Presence.Status.ONLINE, managers.isTold.status(NODE));
        while (managers.isTold.status(NODE) != Presence.Status.OFFLINE) {
            now = now.plusMillis(250);
            managers.tell();
            assertTrue(now.isBefore(pulled.plusSeconds(15)), "not offline after 15 s");
        }
        assertEquals(Presence.Status.OFFLINE, presence.status(NODE));
        assertEquals("m1", managers.isTold.last(NODE).orElseThrow().by());
    }

    @Test
    void aManagerThatWasStartedAgainIsToldAllThatTheOthersKnow() {
        presence.heard(NODE, heartbeat(1));
        now = now.plusSeconds(3);
        presence.heard(NODE, heartbeat(2));
        Instant last = now;
        presence.tell(new ForwardingLog(new InProcessLog(), datagram -> {}));
        now = now.plusSeconds(60);
        Presence again = new Presence(clock);
        assertEquals(Presence.Status.SUSPECT, again.status(NODE));

        again.tell(new ForwardingLog(new InProcessLog(), datagram -> presence.told("m2", datagram)));
        presence.tell(new ForwardingLog(new InProcessLog(), datagram -> again.told("m1", datagram)));

        Presence.Sighting sighting = again.last(NODE).orElseThrow();
        assertEquals(last, sighting.at());
        assertEquals(last.minusSeconds(3), sighting.since());
        assertEquals(Presence.Status.OFFLINE, again.status(NODE));
    }

    @Test
    void aRunOfHeartbeatsThatMovesToAnotherManagerGoesOn() {
        Presence other = new Presence(clock);
        Instant began = now;
        presence.heard(NODE, heartbeat(1));
        presence.tell(new ForwardingLog(new InProcessLog(), datagram -> other.told("m1", datagram)));
        now = now.plus(Presence.OFFLINE_AFTER);
        other.heard(NODE, heartbeat(1));
        assertEquals(began, other.last(NODE).orElseThrow().since());
        assertEquals(null, other.last(NODE).orElseThrow().by());
        now = now.plus(Presence.OFFLINE_AFTER).plusMillis(1);
        other.heard(NODE, heartbeat(1));
        assertEquals(now, other.last(NODE).orElseThrow().since(), "it was offline in between");
    }

    @Test
    void aNodeThatHasJustJoinedIsNotOfflineThoughTheManagerIsOld() {
        now = now.plusSeconds(3600);
        assertEquals(Presence.Status.SUSPECT, presence.status(NODE));
        now = now.plus(Presence.OFFLINE_AFTER);
        assertEquals(Presence.Status.OFFLINE, presence.status(NODE));
        presence.retain(node -> false);
        assertEquals(Presence.Status.SUSPECT, presence.status(NODE), "another node of that id");
    }
}
