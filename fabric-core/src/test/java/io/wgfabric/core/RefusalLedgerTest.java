package io.wgfabric.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection.Reason;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalLedgerTest {
    private static final long DAY = 86_400_000_000_000L;

    private final AtomicLong nanos = new AtomicLong();
    private final RefusalLedger ledger = new RefusalLedger(nanos::get);

    @SuppressWarnings("NullAway.Init")
    private EmbeddedFabric embedded;

    @BeforeEach
    void open() {
        embedded = EmbeddedFabric.inMemory(List.of(Prefix.parse("10.0.0.0/24")));
    }

    @AfterEach
    void close() {
        embedded.close();
    }

    private List<AuditEntry> flushed() {
        ledger.flush(embedded.fabric(), "m1");
        return embedded.fabric().view().audit().stream()
                .filter(entry -> entry.action().equals("record-refusal"))
                .toList();
    }

    @Test
    void refusalsOfOneSourceAreOneEntryThatNamesIt() {
        for (int i = 0; i < 1_000; i++) {
            ledger.record("join", Reason.TOKEN_EXPIRED, "192.0.2.7");
        }
        List<AuditEntry> entries = flushed();

        assertEquals(1, entries.size());
        assertEquals("192.0.2.7", entries.get(0).actor().from());
        assertEquals("refused 1000 times: token-expired", entries.get(0).detail());
        assertEquals(0, ledger.waiting());
    }

    @Test
    void attackerWithManySourcesFillsNoLogAndNothingIsLostFromTheCount() {
        int refused = 0;
        for (int day = 0; day < 2; day++) {
            for (int i = 0; i < 20_000; i++) {
                ledger.record("join", Reason.TOKEN_MALFORMED, "10." + i % 250 + "." + i / 250 + ".1");
                refused++;
                if (i % 100 == 0) {
                    flushed();
                    nanos.addAndGet(DAY / 200);
                }
            }
        }
        assertTrue(ledger.waiting() <= 129, "bounded");
        nanos.addAndGet(DAY);
        flushed();
        nanos.addAndGet(DAY);
        List<AuditEntry> entries = flushed();

        assertTrue(entries.size() <= 64 + 4 * 288, entries.size() + " entries in four days");
        assertEquals(0, ledger.waiting());
        int told = entries.stream()
                .mapToInt(entry -> Integer.parseInt(entry.detail().split(" ", -1)[1]))
                .sum();
        assertEquals(refused, told);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2::/64",
        "2001:db8:1:2::9, 2001:db8:1:2::/64",
        "[2001:db8::1], 2001:db8:0:0::/64",
        "fe80::1%eth0, fe80:0:0:0::/64",
        "::1, 0:0:0:0::/64",
        "2001:0db8:0001::7:8, 2001:db8:1:0::/64",
        "::ffff:192.0.2.7, ::ffff:192.0.2.7",
        "::2:3:4:5:6:7:8, 0:2:3:4::/64",
    })
    void sourceOfIpv6IsItsSubnet(String address, String source) {
        assertEquals(source, Source.of(address));
    }
}
