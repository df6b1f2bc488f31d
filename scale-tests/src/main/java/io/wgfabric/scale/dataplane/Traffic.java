package io.wgfabric.scale.dataplane;

import io.wgfabric.scale.dataplane.Conversations.Direction;
import io.wgfabric.scale.dataplane.Conversations.Pair;
import io.wgfabric.simulation.lab.LabNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Everything that flows while something is done: datagrams both ways between pairs, and a TCP stream. Afterwards it
 * flows on undisturbed for as long, so that what the machine itself does to it is known.
 */
final class Traffic {
    static final Duration PERIOD = Duration.ofMillis(5);

    /** How long it flows undisturbed at most, so that a short run stays short. */
    private static final Duration CONTROL_LIMIT =
            Duration.ofSeconds(Integer.getInteger("fabric.control.seconds", 8));

    /** A program that slept so much longer than it wanted to had no processor. */
    private static final double STARVED_MILLIS = 100;

    private final DataPlane plane;

    Traffic(DataPlane plane) {
        this.plane = plane;
    }

    /**
     * What was measured.
     *
     * @param directions of the datagrams, over all of the time
     * @param during of the TCP stream, while something was done
     * @param after of the TCP stream, while nothing was
     * @param without nodes that were made unreachable: what is lost from or to them does not count
     */
    record Outcome(
            List<Direction> directions,
            TcpStream.Flow during,
            TcpStream.Flow after,
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
                            + each.heard().missing() + ", silences " + each.heard().silences());
                }
            }
            if (during.longestStall() > allowedStall()) {
                faults.add("TCP stalled for " + during.longestStall() + " intervals in a row; undisturbed "
                        + after.longestStall());
            }
            return faults;
        }

        /** None: but where programs had to wait for a processor, one interval more than in the undisturbed time. */
        private int allowedStall() {
            boolean starved = after.longestStall() > 0
                    || directions.stream().anyMatch(each -> each.longestPauseMillis() > STARVED_MILLIS);
            return starved ? after.longestStall() + 1 : 0;
        }

        String text() {
            return Conversations.table(directions) + "TCP during:      " + during.text() + "\nTCP undisturbed: "
                    + after.text() + "\n" + overflows;
        }
    }

    /**
     * @param act what is done; what it answers is reported with the rest
     * @param without what is lost from or to these does not count
     */
    Outcome during(
            String name, List<Pair> pairs, Pair tcpPair, Set<LabNode> without, Function<Conversations, String> act) {
        try (TcpStream tcp = TcpStream.between(tcpPair.one(), tcpPair.other(), plane.logs());
                Conversations talk = Conversations.start(plane, pairs, PERIOD)) {
            Overflows before = Overflows.of(plane.nodes());
            talk.awaitAll(direction -> true, DataPlane.LIMIT);
            int begun = tcp.mark();
            String done = act.apply(talk);
            int ended = tcp.mark();
            long limit = CONTROL_LIMIT.dividedBy(TcpStream.INTERVAL);
            int enough = ended + (int) Math.min(limit, ended - begun);
            DataPlane.await("TCP goes on", DataPlane.LIMIT, () -> tcp.mark() >= enough);
            List<Direction> directions = talk.stop();
            Outcome outcome = new Outcome(
                    directions,
                    tcp.between(begun, ended),
                    tcp.between(ended, enough),
                    Overflows.of(plane.nodes()).since(before),
                    without);
            DataPlane.report(name, outcome.text() + "\n" + done);
            return outcome;
        }
    }
}
