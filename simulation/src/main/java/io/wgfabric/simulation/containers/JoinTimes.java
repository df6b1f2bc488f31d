package io.wgfabric.simulation.containers;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long a new node took, from the start of its container's first process. Taken inside the container by one clock, so
 * that what the engine and the test do in the meantime is no part of it; to 50 ms.
 *
 * @param admitted until it had stored its certificate
 * @param handshake until its first handshake
 * @param answers until the first answer of each node that it asked over the overlay
 */
public record JoinTimes(Duration admitted, Duration handshake, Map<Address, Duration> answers) {
    private static final String FILE = "/tmp/join";
    private static final String INTERFACE = "wgf0";

    /**
     * Looks 20 times a second for at most a minute; what needs longer has no time. A fping that meets an interface which is
     * changed meanwhile may give up at once, so it is repeated, and says again who answers.
     */
    private static final String WATCH = """
            file=$0
            tab=$(printf '\\t')
            mark() { read -r now idle </proc/uptime && echo "$1 $now" >>"$file"; }
            try() {
              n=0
              until "$@"; do
                [ "$n" -lt 1200 ] || exit 1
                n=$((n + 1))
                sleep 0.05
              done
            }
            shaken() { case $(wg show all latest-handshakes 2>/dev/null) in *"$tab"[1-9]*) ;; *) return 1 ;; esac; }
            ready() { case $(ip -o -4 addr show dev %1$s up 2>/dev/null) in *inet*) ;; *) return 1 ;; esac; }
            ask() {
              n=0
              until fping -a -r 20 -B 1 -t 100 -i 1 -I %1$s "$@" 2>/dev/null || [ "$n" -ge 60 ]; do
                n=$((n + 1))
                sleep 0.05
              done
            }
            read -r process </proc/1/stat && echo "process $process" >"$file"
            try [ -e "$FABRIC_DATA/node.json" ]
            mark admitted
            try ready
            { ask "$@" | while read -r address; do mark "$address"; done; } &
            try shaken
            mark handshake
            wait
            mark end
            """.formatted(INTERFACE);

    /** The clock ticks since the machine's start at which the process began (proc(5), field 22 of stat). */
    private static final int START_FIELD = 21;

    private static final double TICKS_PER_SECOND = 100;

    public JoinTimes {
        answers = Map.copyOf(answers);
    }

    /** Until the first answer of any. */
    public Duration ping() {
        return answers.values().stream().min(Duration::compareTo).orElseThrow();
    }

    /** Begins to look, in a session of its own. */
    static void watch(FabricNode<?> node, Collection<Address> targets) {
        List<String> command = new ArrayList<>(List.of("setsid", "-f", "sh", "-c", WATCH, FILE));
        targets.forEach(target -> command.add(target.toString()));
        node.require(command.toArray(String[]::new));
    }

    /** Empty until all has come about. */
    static Optional<JoinTimes> read(FabricNode<?> node) {
        return parse(node.run("cat", FILE).out());
    }

    static Optional<JoinTimes> parse(String printed) {
        double start = -1;
        Map<String, Double> marks = new HashMap<>();
        for (String line : printed.lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("process") && words.length > START_FIELD + 1) {
                start = Double.parseDouble(words[START_FIELD + 1]) / TICKS_PER_SECOND;
            } else if (words.length == 2) {
                marks.putIfAbsent(words[0], Double.valueOf(words[1]));
            }
        }
        Double admitted = marks.remove("admitted");
        Double handshake = marks.remove("handshake");
        if (marks.remove("end") == null || admitted == null || handshake == null || start < 0 || marks.isEmpty()) {
            return Optional.empty();
        }
        double began = start;
        Map<Address, Duration> answers = new HashMap<>();
        marks.forEach((address, at) -> answers.put(Address.parse(address), since(began, at)));
        return Optional.of(new JoinTimes(since(began, admitted), since(began, handshake), answers));
    }

    private static Duration since(double start, double at) {
        if (at < start) {
            throw new LabException("the container's clock went back");
        }
        return Duration.ofMillis(Math.round((at - start) * 1_000));
    }
}
