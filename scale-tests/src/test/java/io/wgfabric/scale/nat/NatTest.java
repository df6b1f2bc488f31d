package io.wgfabric.scale.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.simulation.lab.NatLab;
import io.wgfabric.simulation.lab.NatLab.Way;
import io.wgfabric.simulation.netns.Nat.Mapping;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** What two peers make of what is between them; prints one table. Needs root, what {@code fabric lab} needs, and nft. */
@Tag("nat")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class NatTest {
    /** A dead way is noticed within 15 s; then the new one is told, and tried. */
    private static final Duration OUTAGE = Duration.ofSeconds(20);

    private @Nullable NatLab lab;

    @BeforeAll
    void start() {
        lab = NatLab.start();
    }

    @AfterAll
    void print() {
        NatLab opened = lab;
        if (opened != null) {
            opened.table().forEach(System.out::println);
            if (Boolean.getBoolean("nat.keepLogs")) {
                System.out.println(opened.keepLogs());
            }
            opened.close();
        }
    }

    private NatLab lab() {
        NatLab opened = lab;
        assertNotNull(opened);
        return opened;
    }

    private static NatLab.Row direct(NatLab.Row row) {
        assertEquals(Way.DIRECT, row.way(), row.toString());
        assertNotNull(row.first(), row.toString());
        return row;
    }

    @Order(1)
    @Test
    void twoOpenPeersAreDirectAndLoseNothing() {
        assertEquals(0, direct(lab().meet("both open", null, null)).lost());
    }

    @Order(2)
    @Test
    void onePeerBehindANatIsDirect() {
        assertEquals(
                0,
                direct(lab().meet("one behind a NAT", Mapping.INDEPENDENT, null))
                        .lost());
    }

    @Order(3)
    @Test
    void onePeerBehindASymmetricNatIsDirect() {
        assertEquals(
                0, direct(lab().meet("one symmetric", null, Mapping.DEPENDENT)).lost());
    }

    @Order(4)
    @Test
    void twoPeersBehindNatsMeet() {
        NatLab.Row row = direct(lab().meet("both behind NATs", Mapping.INDEPENDENT, Mapping.INDEPENDENT));
        assertTrue(row.longest().compareTo(Duration.ofSeconds(1)) < 0, row.toString());
    }

    @Order(5)
    @Test
    void twoPeersBehindSymmetricNatsAreRelayedWithoutALoss() {
        NatLab.Row row = lab().meet("both symmetric", Mapping.DEPENDENT, Mapping.DEPENDENT);
        assertEquals(Way.RELAYED, row.way(), row.toString());
        assertEquals(0, row.lost(), row.toString());
    }

    @Order(6)
    @Test
    void aNatThatRebootsCostsAShortOutage() {
        NatLab.Row row = direct(lab().rebootedNat("a NAT reboots"));
        assertTrue(row.longest().compareTo(OUTAGE) < 0, row.toString());
    }

    @Order(7)
    @Test
    void anAddressThatChangesCostsNothingThatLasts() {
        NatLab.Row row = direct(lab().newAddress("an address changes"));
        assertTrue(row.longest().compareTo(OUTAGE) < 0, row.toString());
    }

    @Order(8)
    @Test
    void aDirectWayThatAppearsIsTaken() {
        NatLab.Row row = direct(lab().laterPath("NATs become direct"));
        assertTrue(row.longest().compareTo(OUTAGE) < 0, row.toString());
    }

    @Order(9)
    @Test
    void symmetricNatsOfIpv4DoNotMatterWhereThereIsIpv6() {
        direct(lab().meetOverV6("symmetric, with IPv6"));
    }

    @Order(10)
    @Test
    void aNetworkBehindAPeerIsReachedWhileItIsApproved() {
        assertEquals(
                0, direct(lab().networkBehindAPeer("a network behind a peer")).lost());
    }
}
