package io.wgfabric.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.state.AuditChain;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuditVerifierTest {
    @SuppressWarnings("NullAway.Init")
    private EmbeddedFabric embedded;

    private List<AuditEntry> entries = List.of();

    @BeforeEach
    void makeEntries() {
        embedded = EmbeddedFabric.inMemory(List.of(Prefix.parse("10.0.0.0/24")));
        for (int i = 0; i < 3; i++) {
            embedded.fabric()
                    .submit(
                            Actor.system("test"),
                            new RequestId("r" + i),
                            new Command.RecordRefusal("join", Rejection.Reason.TOKEN_EXPIRED, 1))
                    .toCompletableFuture()
                    .join();
        }
        entries = embedded.fabric().view().audit();
    }

    @AfterEach
    void close() {
        embedded.close();
    }

    /** What the first entry that does not fit is told by; each says that it follows the one before it in the list. */
    private static @Nullable String fault(Bytes start, List<AuditEntry> list) {
        AuditVerifier verifier = new AuditVerifier();
        Bytes before = start;
        for (AuditEntry entry : list) {
            String fault = verifier.check(before, entry);
            if (fault != null) {
                return fault;
            }
            before = entry.hash();
        }
        return null;
    }

    @Test
    void wholeChainFits() {
        assertNull(fault(AuditChain.START, entries));
        assertTrue(entries.size() >= 4);
    }

    @Test
    void chainMayBeginWhereOlderEntriesWereDropped() {
        assertNull(fault(entries.get(0).hash(), entries.subList(1, entries.size())));
    }

    @Test
    void changedEntryIsNamed() {
        AuditEntry e = entries.get(1);
        AuditEntry changed = new AuditEntry(
                e.number(),
                e.revision(),
                e.time(),
                e.actor(),
                e.request(),
                e.action(),
                e.subject(),
                e.outcome(),
                e.detail() + "!",
                e.hash());
        List<AuditEntry> altered = new ArrayList<>(entries);
        altered.set(1, changed);

        String fault = told(fault(AuditChain.START, altered));
        assertTrue(fault.startsWith("entry 2 was changed"), fault);
    }

    @Test
    void missingEntryIsNamed() {
        List<AuditEntry> gap = new ArrayList<>(entries);
        gap.remove(2);

        assertEquals("entry 4 follows entry 2: there is a gap", fault(AuditChain.START, gap));
    }

    @Test
    void entryThatNamesAnotherBeforeItIsRefused() {
        AuditVerifier verifier = new AuditVerifier();

        assertNull(verifier.check(AuditChain.START, entries.get(0)));
        String fault = told(verifier.check(AuditChain.START, entries.get(1)));
        assertTrue(fault.startsWith("entry 2 does not follow entry 1"), fault);
    }

    private static String told(@Nullable String text) {
        assertNotNull(text);
        return String.valueOf(text);
    }
}
