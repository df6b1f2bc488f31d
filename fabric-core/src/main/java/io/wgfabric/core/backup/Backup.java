package io.wgfabric.core.backup;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Revision;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.codec.CodecException;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.state.Machine;
import io.wgfabric.core.state.State;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import tools.jackson.core.JacksonException;

/**
 * The state of a cluster at one revision, sealed as a whole: magic, version, the length of the header and the header in
 * clear, the length of the rest and the rest, which is the snapshot under a key that follows from the cluster's sealing
 * key. The header is associated data, so it cannot be altered either. The sealing key is not in it. Immutable.
 */
public final class Backup {
    /** The largest backup that is written or read, in bytes. */
    public static final int MAX_BYTES = 512 << 20;

    private static final byte[] MAGIC = "WGFBACKUP".getBytes(StandardCharsets.US_ASCII);
    private static final byte VERSION = 1;
    private static final int MAX_HEADER = 4096;
    private static final String PURPOSE = "backup";

    /**
     * What anyone may read of a backup, and believe once it was opened.
     *
     * @param taken when, by the clock of the manager that made it
     * @param digest SHA-256 over the whole state
     * @param level which commands a program must know to go on with it
     * @param sealedUnder names the sealing key ({@link Sealer#fingerprint})
     */
    public record Header(
            ClusterId cluster,
            long epoch,
            Revision revision,
            Instant taken,
            Bytes digest,
            int level,
            String sealedUnder) {
        public Header {
            Objects.requireNonNull(cluster);
            Objects.requireNonNull(revision);
            Objects.requireNonNull(taken);
            Objects.requireNonNull(digest);
            Objects.requireNonNull(sealedUnder);
        }
    }

    private final Header header;
    private final String headerText;
    private final Bytes sealed;

    private Backup(Header header, String headerText, Bytes sealed) {
        this.header = header;
        this.headerText = headerText;
        this.sealed = sealed;
    }

    /** @throws BackupException if the state is too large, or of no cluster */
    public static byte[] seal(State state, Sealer sealer, Instant now) {
        Cluster cluster = state.cluster();
        if (cluster == null) {
            throw new BackupException("there is no cluster yet");
        }
        byte[] snapshot = Codec.encode(state);
        Header header = new Header(
                cluster.id(),
                cluster.epoch(),
                state.revision(),
                now,
                Bytes.sha256(snapshot),
                cluster.level(),
                sealer.fingerprint());
        byte[] head = Json.mapper().writeValueAsBytes(header);
        byte[] sealed = sealer.derived(PURPOSE)
                .seal(new String(head, StandardCharsets.UTF_8), snapshot)
                .toArray();
        long size = MAGIC.length + 1L + Integer.BYTES + head.length + Integer.BYTES + sealed.length;
        if (size > MAX_BYTES) {
            throw new BackupException("the state is too large for a backup: " + size + " of " + MAX_BYTES + " bytes");
        }
        ByteBuffer out = ByteBuffer.allocate((int) size);
        out.put(MAGIC).put(VERSION).putInt(head.length).put(head);
        return out.putInt(sealed.length).put(sealed).array();
    }

    /**
     * Reads what is in clear; the rest is not looked at but for its size.
     *
     * @throws BackupException if it is no whole backup that this version reads
     */
    public static Backup parse(byte[] file) {
        if (file.length < MAGIC.length + 1 || !Arrays.equals(MAGIC, 0, MAGIC.length, file, 0, MAGIC.length)) {
            throw new BackupException("this is no backup of a fabric");
        }
        ByteBuffer in = ByteBuffer.wrap(file).position(MAGIC.length);
        int version = in.get();
        if (version != VERSION) {
            throw new BackupException("a backup of version " + version + "; this program reads version " + VERSION);
        }
        String text = new String(part(in, MAX_HEADER), StandardCharsets.UTF_8);
        Bytes sealed = Bytes.of(part(in, MAX_BYTES));
        if (in.hasRemaining()) {
            throw new BackupException("the backup is damaged: " + in.remaining() + " bytes too many");
        }
        try {
            return new Backup(Json.mapper().readValue(text, Header.class), text, sealed);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new BackupException("the backup is damaged: its header cannot be read", e);
        }
    }

    private static byte[] part(ByteBuffer in, int limit) {
        int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
        if (length > limit) {
            throw new BackupException("the backup is damaged: a part has " + length + " bytes");
        }
        if (length < 0 || length > in.remaining()) {
            throw new BackupException("the backup is cut off after " + in.limit() + " bytes");
        }
        byte[] part = new byte[length];
        in.get(part);
        return part;
    }

    /** What it says of itself; to be believed only after {@link #open}. */
    public Header header() {
        return header;
    }

    /**
     * Opens it and verifies all that can be: authenticity, digest, audit chain, and that this version knows all of it.
     *
     * @throws BackupException if anything is wrong
     */
    public State open(Sealer sealer) {
        if (!sealer.fingerprint().equals(header.sealedUnder())) {
            throw new BackupException("this is not the sealing key of the backup: it needs the key "
                    + header.sealedUnder() + " of cluster " + header.cluster() + ", this one is "
                    + sealer.fingerprint());
        }
        if (header.level() > Machine.LEVEL) {
            throw new BackupException("the cluster is of level " + header.level() + " and this program knows level "
                    + Machine.LEVEL + ": use a newer one");
        }
        byte[] snapshot;
        try {
            snapshot = sealer.derived(PURPOSE).open(headerText, sealed);
        } catch (CryptoException e) {
            throw new BackupException("the backup was altered or damaged: it does not open under its key", e);
        }
        State state;
        try {
            state = Codec.decodeState(snapshot);
        } catch (CodecException e) {
            throw new BackupException("this program cannot read the state in the backup: " + e.getMessage(), e);
        }
        verify(state, snapshot);
        return state;
    }

    private void verify(State state, byte[] snapshot) {
        if (!Bytes.sha256(snapshot).equals(header.digest())
                || !Codec.digest(state).equals(header.digest())) {
            throw new BackupException("the state in the backup has not the digest that the backup names");
        }
        Cluster cluster = state.cluster();
        boolean same = cluster != null
                && cluster.id().equals(header.cluster())
                && cluster.epoch() == header.epoch()
                && cluster.level() == header.level()
                && state.revision().equals(header.revision());
        if (!same) {
            throw new BackupException("the state in the backup is another than the backup names");
        }
        if (!state.audit().isWhole()) {
            throw new BackupException("the audit chain in the backup is broken");
        }
    }
}
