package io.wgfabric.javalin.rest;

import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.PublishedNetmap;
import io.wgfabric.core.netmap.SignedNetmap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The newest configuration as lines of watch streams, shared by all of them. Thread-safe. */
final class Announcement {
    /**
     * What a watcher knows.
     *
     * @param seen the newest edition that its node was ever told
     * @param signer the thumbprint of who signed the configuration of that edition, if the node has it; null for one that
     *     needs a full one
     */
    record Told(Edition seen, @Nullable String signer) {
        static final Told NOTHING = new Told(Edition.NONE, null);
    }

    /**
     * @param bytes of the line, its end included; not to be changed
     * @param then what a watcher knows that was sent it
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Line(byte[] bytes, Told then) {}

    /** A line with a full configuration and what has followed it. */
    private record Full(String netmap, List<String> deltas) {}

    private final PublishedNetmap published;
    private volatile @Nullable Line full;

    Announcement(PublishedNetmap published) {
        this.published = published;
    }

    PublishedNetmap published() {
        return published;
    }

    /** Whether both are for all nodes, or for one and the same. */
    boolean isOfTheSame(Announcement other) {
        return Objects.equals(receiver(), other.receiver());
    }

    private @Nullable NodeId receiver() {
        Netmap.Spoke spoke = published.netmap().spoke();
        return spoke == null ? null : spoke.receiver();
    }

    /**
     * What to send next: the delta that leads on, or else all of it. A node that has seen what this manager has not yet
     * is sent nothing.
     */
    @Nullable Line after(Told told) {
        Edition newest = published.edition();
        boolean follows = published.signer().id().equals(told.signer());
        if (newest.isBefore(told.seen()) || (follows && newest.equals(told.seen()))) {
            return null;
        }
        PublishedNetmap.Delta delta = follows ? published.after(told.seen()) : null;
        return delta == null
                ? full()
                : new Line(delta.line(), new Told(new Edition(newest.epoch(), delta.revision()), told.signer()));
    }

    /** Encoded for the first that needs it. */
    private Line full() {
        Line line = full;
        if (line == null) {
            synchronized (this) {
                line = full;
                if (line == null) {
                    SignedNetmap signed = published.signed();
                    String text = Json.mapper().writeValueAsString(new Full(signed.base(), signed.deltas())) + "\n";
                    line = new Line(
                            text.getBytes(StandardCharsets.UTF_8),
                            new Told(published.edition(), published.signer().id()));
                    full = line;
                }
            }
        }
        return line;
    }
}
