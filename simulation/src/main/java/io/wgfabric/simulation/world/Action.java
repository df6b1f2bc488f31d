package io.wgfabric.simulation.world;

/**
 * Something that happens. Its random numbers are its own, so that others may be left out and it still means something.
 */
public record Action(Kind kind, long seed) {

    /** What may happen. */
    public enum Kind {
        /** A member receives some messages. */
        DELIVER,
        /** Time passes for a member. */
        TICK,
        /** A client asks a member for a command. */
        SUBMIT,
        /** A client asks a member for a linearizable read. */
        READ,
        /** A member is to become a voter, or to be none. */
        CHANGE,
        SNAPSHOT,
        /** A leader is asked to hand over. */
        TRANSFER,
        /** A process is killed, or the power fails. */
        CRASH,
        START,
        /** Some messages go nowhere from now on, in one direction or both. */
        CUT,
        HEAL,
        /** A disk refuses one of the next changes. */
        DISK_ERROR,
        /** A disk is lost; a new member with an empty one comes in its place. */
        REPLACE,
        /** Only some members hear each other for a while, and one of them campaigns. */
        ELECT,
        /** A leader gets commands that nobody hears of, and perhaps ends. */
        LONE_LEADER,
        /** An agent hears from its manager, asks another, or starts again. */
        AGENT
    }
}
