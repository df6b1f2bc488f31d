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
        other.told(sent[0]);
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
        other.told(sent[0]);
        assertEquals(new Revision(2), other.last(NODE).orElseThrow().heartbeat().settled());
    }

    @Test
    void aDatagramThatCannotBeReadIsDropped() {
        presence.told(new byte[] {1, 2, 3});
        assertTrue(presence.last(NODE).isEmpty());
    }
}
