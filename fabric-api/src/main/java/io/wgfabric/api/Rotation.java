package io.wgfabric.api;

import java.time.Instant;

/**
 * A change of both keys of a node without a lost packet, on two planes. At rest all pairs are on the main plane. The
 * phases of the rotating node follow one another:
 *
 * <ol>
 *   <li>{@link Phase#WAITING}: another rotation is under way; those that wait begin together.
 *   <li>{@link Phase#REKEY_SPARE}: the node gives its idle spare plane a new key and publishes it.
 *   <li>{@link Phase#READY}: it has; those that began together go on together.
 *   <li>{@link Phase#MOVE_OUT}: each pair with the node shakes hands on the spare plane, then both ends move to it.
 *   <li>{@link Phase#REKEY_MAIN}: all have moved; the node makes a new key for its idle main plane and publishes
 *       it.
 *   <li>{@link Phase#MOVE_BACK}: the node's main plane takes the new key, each pair shakes hands there, then moves
 *       back; then the rotation is over.
 * </ol>
 *
 * @param began when it was asked for
 * @param since the revision at which the phase began: nodes that have settled at it have done their part
 */
public record Rotation(Phase phase, Instant began, Revision since) {

    public enum Phase {
        WAITING,
        REKEY_SPARE,
        READY,
        MOVE_OUT,
        REKEY_MAIN,
        MOVE_BACK
    }

    /** Whether the node's pairs belong on the spare plane in this phase. */
    public boolean isOut() {
        return phase == Phase.MOVE_OUT || phase == Phase.REKEY_MAIN;
    }

    /** Whether the other nodes need a spare plane for this node. */
    public boolean usesSpare() {
        return isOut() || phase == Phase.MOVE_BACK;
    }
}
