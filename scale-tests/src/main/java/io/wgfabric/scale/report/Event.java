package io.wgfabric.scale.report;

import java.time.Duration;

/**
 * Something that happened to a node.
 *
 * @param at since the run began
 */
public record Event(Duration at, Kind kind, String node) {

    /** What happened: a step that every node takes is a curve of how many have taken it, all else a mark in time. */
    public enum Kind {
        STARTED("started", true),
        JOINED("joined", true),
        FIRST_HANDSHAKE("first handshake", true),
        FIRST_PING("first ping", true),
        KNOWN_TO_ALL("known to all", true),
        KILLED("killed", false),
        RESTARTED("started again", false),
        ROTATED("keys rotated", false),
        REVOKED("revoked", false),
        CHANGED("changed", false);

        private final String text;
        private final boolean step;

        Kind(String text, boolean step) {
            this.text = text;
            this.step = step;
        }

        String text() {
            return text;
        }

        boolean isStep() {
            return step;
        }
    }

    double seconds() {
        return at.toNanos() / 1e9;
    }
}
