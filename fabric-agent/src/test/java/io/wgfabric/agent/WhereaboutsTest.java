package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeEndpoints.Reflexive;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WhereaboutsTest {
    private static final List<Address> OWN = List.of(Address.parse("10.0.0.2"));
    private static final List<String> MANAGERS = List.of("m1:7443", "m2:7443");
    private static final NodeEndpoints KNOWN = new NodeEndpoints(OWN, 51820, 51821);

    private final Whereabouts where = new Whereabouts();

    private static Endpoint endpoint(String text) {
        return Endpoint.parse(text);
    }

    private Optional<NodeEndpoints> confirmed(NodeEndpoints known) {
        Optional<NodeEndpoints> first = where.news(OWN, true, known);
        assertTrue(first.isEmpty(), "what was found only once is not told");
        return where.news(OWN, true, known);
    }

    @Test
    void whoIsSeenAtAnOwnAddressIsBehindNoNat() {
        where.seen("m1:7443", endpoint("10.0.0.2:51820"));
        assertTrue(confirmed(KNOWN).isEmpty());
        assertTrue(where.another(MANAGERS, OWN).isEmpty());
    }

    @Test
    void oneViewIsToldAndAnotherOneAskedFor() {
        where.seen("m1:7443", endpoint("192.0.2.9:4000"));
        assertEquals(Optional.of("m2:7443"), where.another(MANAGERS, OWN));
        NodeEndpoints told = confirmed(KNOWN).orElseThrow();
        assertEquals(new Reflexive(endpoint("192.0.2.9:4000"), true), told.reflexive());
        assertFalse(where.isUnsettled(told));
    }

    @Test
    void anotherPortForAnotherManagerIsAMappingThatDependsOnWhoIsAsked() {
        where.seen("m1:7443", endpoint("192.0.2.9:4000"));
        where.seen("m2:7443", endpoint("192.0.2.9:4001"));
        Reflexive told = confirmed(KNOWN).orElseThrow().reflexive();
        assertEquals(new Reflexive(endpoint("192.0.2.9:4000"), false), told);
        assertTrue(where.another(MANAGERS, OWN).isEmpty());
    }

    @Test
    void aNewMappingIsNotComparedWithWhatOthersSawBefore() {
        where.seen("m1:7443", endpoint("192.0.2.9:4000"));
        where.seen("m2:7443", endpoint("192.0.2.9:4000"));
        NodeEndpoints before = confirmed(KNOWN).orElseThrow();
        where.seen("m1:7443", endpoint("192.0.2.9:5000"));
        NodeEndpoints after = confirmed(before).orElseThrow();
        assertEquals(new Reflexive(endpoint("192.0.2.9:5000"), true), after.reflexive());
    }

    @Test
    void withoutAnyViewWhatWasToldStays() {
        NodeEndpoints before = new NodeEndpoints(OWN, 51820, 51821, new Reflexive(endpoint("192.0.2.9:1"), true));
        assertTrue(confirmed(before).isEmpty());
        where.seen("m1:7443", null);
        assertFalse(where.isSeen());
    }

    @Test
    void whoHasLeftItsNatSaysSo() {
        NodeEndpoints before = new NodeEndpoints(OWN, 51820, 51821, new Reflexive(endpoint("192.0.2.9:1"), true));
        where.seen("m1:7443", endpoint("10.0.0.2:51820"));
        assertEquals(KNOWN, confirmed(before).orElseThrow());
    }

    @Test
    void anOperatorWhoSaysWhereTheNodeIsKnowsBetter() {
        where.seen("m1:7443", endpoint("192.0.2.9:4000"));
        assertTrue(where.news(OWN, false, KNOWN).isEmpty());
        assertTrue(where.news(OWN, false, KNOWN).isEmpty());
    }

    @Test
    void aSmallerLinkGivesASmallerMtuButNotTooSmall() {
        assertEquals(1420, Underlay.fitting(1420, 1500));
        assertEquals(1420, Underlay.fitting(1420, 9000));
        assertEquals(1412, Underlay.fitting(1420, 1492));
        assertEquals(1280, Underlay.fitting(1420, 1300));
    }
}
