package io.wgfabric.core.state;

import io.wgfabric.api.Actor;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Limits;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pcollections.TreePMap;

/**
 * The newest entries of the audit log, each bound to all before it by a hash. Immutable.
 *
 * @param entries by number
 * @param last the hash of the newest entry
 */
public record AuditChain(TreePMap<Long, AuditEntry> entries, long count, Bytes last) {

    /** What stands for the hash before the first entry. */
    public static final Bytes START = Bytes.of(new byte[32]);

    static AuditChain empty() {
        return new AuditChain(TreePMap.empty(), 0, START);
    }

    AuditChain append(
            Revision revision,
            Instant time,
            Actor actor,
            RequestId request,
            String action,
            String subject,
            String outcome,
            String detail) {
        long number = count + 1;
        Bytes hash = hash(last, number, revision, time, actor, request, action, subject, outcome, detail);
        AuditEntry entry =
                new AuditEntry(number, revision, time, actor, request, action, subject, outcome, detail, hash);
        TreePMap<Long, AuditEntry> grown = entries.plus(number, entry);
        Map.Entry<Long, AuditEntry> first = grown.firstEntry();
        if (grown.size() > Limits.AUDIT_ENTRIES && first != null) {
            grown = grown.minus(first.getKey());
        }
        return new AuditChain(grown, number, hash);
    }

    /** Whether an entry's hash is what the hash before it and its own fields make it. */
    public static boolean verifies(Bytes before, AuditEntry entry) {
        return hash(
                        before,
                        entry.number(),
                        entry.revision(),
                        entry.time(),
                        entry.actor(),
                        entry.request(),
                        entry.action(),
                        entry.subject(),
                        entry.outcome(),
                        entry.detail())
                .equals(entry.hash());
    }

    /** Whether the entries that are kept follow each other without a gap, up to the newest. */
    public boolean isWhole() {
        Bytes before = count == entries.size() ? empty().last() : null;
        long number = count - entries.size();
        for (AuditEntry entry : entries.values()) {
            number++;
            if (entry.number() != number || (before != null && !verifies(before, entry))) {
                return false;
            }
            before = entry.hash();
        }
        return number == count && last.equals(before == null ? last : before);
    }

    /** SHA-256 over the fields, each with its length before it, so that no two entries share an encoding. */
    private static Bytes hash(
            Bytes before,
            long number,
            Revision revision,
            Instant time,
            Actor actor,
            RequestId request,
            String action,
            String subject,
            String outcome,
            String detail) {
        String[] fields = {
            Long.toString(number),
            revision.toString(),
            time.toString(),
            actor.kind().name(),
            actor.id(),
            actor.from(),
            request.text(),
            action,
            subject,
            outcome,
            detail
        };
        List<byte[]> parts = new ArrayList<>();
        parts.add(before.toArray());
        for (String field : fields) {
            byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
            parts.add(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            parts.add(bytes);
        }
        return Bytes.sha256(parts.toArray(byte[][]::new));
    }
}
