package io.wgfabric.scale.dataplane;

import java.util.List;

/**
 * What arrived of one direction of a conversation.
 *
 * @param from the number of the sender
 * @param received different datagrams
 * @param duplicates datagrams that had come before
 * @param overtaken datagrams that came after a later one
 * @param longestGapMillis the longest time between two arrivals
 * @param longestDelayMillis the longest time from a sender to here, both on one machine and so by one clock
 * @param missing numbers that have not come though a later one has, at most {@link Arrivals#MAX_MISSING}
 * @param silences the gaps of over {@link Arrivals#SILENCE_MILLIS}, at most {@link Arrivals#MAX_SILENCES}
 */
record Heard(
        int from,
        long received,
        long duplicates,
        long overtaken,
        double longestGapMillis,
        double longestDelayMillis,
        List<Integer> missing,
        List<Silence> silences) {

    /**
     * @param atNanos when it began, by the monotonic clock of the machine
     * @param missing numbers between the datagrams before and after it
     */
    record Silence(long atNanos, double millis, long missing) {}
}
