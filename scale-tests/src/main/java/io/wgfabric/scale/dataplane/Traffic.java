package io.wgfabric.scale.dataplane;

import io.wgfabric.scale.dataplane.Conversations.Direction;
import io.wgfabric.scale.dataplane.Conversations.Pair;
import io.wgfabric.simulation.lab.LabNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Everything that flows while something is done: datagrams both ways between pairs, and a TCP stream. Afterwards it
 * flows on undisturbed for as long, so that what the machine itself does to it is known.
 */
final class Traffic {
    static final Duration PERIOD = Duration.ofMillis(5);

    /** How long it flows undisturbed at most, so that a short run stays short. */
    private static final Duration CONTROL_LIMIT = Duration.ofSeconds(Integer.getInteger("fabric.control.seconds", 8));

    /**
     * What TCP may stall for; on a machine that stalls as long by itself, twice of that. Where a system dropped what its
     * programs did not read in time, TCP has to send it again, which alone takes it 200 ms and more.
     */
    private static final double STALL_MILLIS = 200;

    private final DataPlane plane;

    Traffic(DataPlane plane) {
        this.plane = plane;
    }

    /**
     * What was measured.
     *
     * @param directions of the datagrams, over all of the time
     * @param tcpPair from the first of them to the other one goes TCP
     * @param during of the stream of iperf3, while something was done
     * @param after of the stream of iperf3, while nothing was
     * @param stallMillis of another TCP stream, the longest while something was done
     * @param stallAfterMillis of another TCP stream, the longest while nothing was
     * @param without nodes that were made unreachable: what is lost from or to them does not count
     */
    record Outcome(
            List<Direction> directions,
            Pair tcpPair,
            TcpStream.Flow during,
            TcpStream.Flow after,
            double stallMillis,
            double stallAfterMillis,
            Overflows overflows,
            Set<LabNode> without) {

        /**
         * What must not be; empty if all is well. As much may be lost as a receiver's system dropped because its
         * programs had no processor to read it: no WireGuard would have got that.
         */
        List<String> faults() {
            List<String> faults = new ArrayList<>();
            for (Direction each : directions) {
                boolean counts = without.stream().noneMatch(each::touches);
                if (counts && each.lost() > overflows.at(each.to())) {
                    faults.add(each.from() + " → " + each.to() + ": " + each.lost() + " lost "
                            + each.heard().missing() + ", silences "
                            + each.heard().silences());
                }
            }
            boolean dropped = overflows.at(tcpPair.one()) + overflows.at(tcpPair.other()) > 0;
            if (!dropped && stallMillis > Math.max(STALL_MILLIS, 2 * stallAfterMillis)) {
                faults.add("TCP stalled for " + stallMillis + " ms; undisturbed " + stallAfterMillis + " ms");
            }
            return faults;
        }

        String text() {
            return Conversations.table(directions)
                    + String.format(
                            Locale.ROOT,
                            "TCP's longest stall: %.0f ms; undisturbed %.0f ms%n",
                            stallMillis,
                            stallAfterMillis)
                    + "iperf3 during:      " + during.text() + "\niperf3 undisturbed: " + after.text() + "\n"
                    + overflows;
        }
    }

    /**
     * @param act what is done; what it answers is reported with the rest
     * @param without what is lost from or to these does not count
     */
    Outcome during(
            String name, List<Pair> pairs, Pair tcpPair, Set<LabNode> without, Function<Conversations, String> act) {
        try (TcpStream tcp = TcpStream.between(tcpPair.one(), tcpPair.other(), plane.logs());
                Stalls stalls = Stalls.between(plane, tcpPair.one(), tcpPair.other());
                Conversations talk = Conversations.start(plane, pairs, PERIOD)) {
            Overflows before = Overflows.of(plane.nodes());
            talk.awaitAll(direction -> true, DataPlane.LIMIT);
            stalls.forget();
            int begun = tcp.mark();
            String done = act.apply(talk);
            int ended = tcp.mark();
            double stall = stalls.longestMillis();
            long limit = CONTROL_LIMIT.dividedBy(TcpStream.INTERVAL);
            int enough = ended + (int) Math.min(limit, ended - begun);
            DataPlane.await("TCP goes on", DataPlane.LIMIT, () -> tcp.mark() >= enough);
            double stallAfter = stalls.longestMillis();
            List<Direction> directions = talk.stop();
            Outcome outcome = new Outcome(
                    directions,
                    tcpPair,
                    tcp.between(begun, ended),
                    tcp.between(ended, enough),
                    stall,
                    stallAfter,
                    Overflows.of(plane.nodes()).since(before),
                    without);
            DataPlane.report(name, outcome.text() + "\n" + done);
            return outcome;
        }
    }
}
