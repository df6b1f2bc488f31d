package io.wgfabric.simulation.containers;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.Flow;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.PingCount;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The echo requests of fping(8) in a node's container. */
public final class EchoFlow implements Flow {
    private static final Pattern ANSWER = Pattern.compile(" : \\[(\\d+)\\], \\d+ bytes");
    private static final Pattern SENT = Pattern.compile(" : xmt/rcv/%loss = (\\d+)/");

    private final FabricNode<?> from;
    private final String file;

    private EchoFlow(FabricNode<?> from, String file) {
        this.from = from;
        this.file = file;
    }

    /** In a session of its own, so that it outlives the command that starts it. */
    static EchoFlow start(FabricNode<?> from, Address target, Duration interval, int number) {
        String file = "/tmp/echo-" + number;
        from.require(
                "setsid",
                "-f",
                "sh",
                "-c",
                "echo $$ >\"$0.pid\" && exec fping -l -t 2000 -p \"$1\" \"$2\" >\"$0\" 2>&1",
                file,
                Long.toString(interval.toMillis()),
                target.toString());
        return new EchoFlow(from, file);
    }

    @Override
    public long answers() {
        return answered(from.require("cat", file).out()).size();
    }

    @Override
    public PingCount stop() {
        from.require(
                "sh",
                "-c",
                "p=$(cat \"$0.pid\"); kill -INT \"$p\" && n=0 && while kill -0 \"$p\" 2>/dev/null && [ \"$n\" -lt 100 ];"
                        + " do sleep 0.05; n=$((n + 1)); done",
                file);
        return count(from.require("cat", file).out());
    }

    static PingCount count(String printed) {
        Matcher sent = SENT.matcher(printed);
        if (!sent.find()) {
            throw new LabException(
                    "fping counted nothing: " + printed.lines().findFirst().orElse(""));
        }
        return PingCount.of(Integer.parseInt(sent.group(1)), answered(printed));
    }

    /** Numbered from 1. */
    private static Set<Integer> answered(String printed) {
        Set<Integer> answered = new TreeSet<>();
        ANSWER.matcher(printed).results().forEach(match -> answered.add(Integer.parseInt(match.group(1)) + 1));
        return answered;
    }

    /** Nothing happens if its node has ended, either. */
    @Override
    public void close() {
        if (from.isRunning()) {
            from.run("sh", "-c", "kill \"$(cat \"$0.pid\")\" 2>/dev/null", file);
        }
    }
}
