package io.wgfabric.scale.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The process that watches a cluster: through each member it appends in a loop, one at a time with a rest of 30 ms, and
 * it asks each member every 100 ms what it is. Writes {@code a MEMBER NANOS} for an acknowledged append and {@code s
 * MEMBER NANOS STATUS} for a status that differs from the last one, all on the machine's one clock. An append is never
 * repeated: what is seen is how long the log itself needs.
 */
public final class Probe {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(12);
    private static final Duration STATUS_LIMIT = Duration.ofMillis(500);
    private static final long REST_MILLIS = 30;
    private static final long LOOK_MILLIS = 100;

    private final InetSocketAddress front;
    private final int member;
    private final PrintStream out;
    private String last = "";

    private Probe(InetSocketAddress front, int member, PrintStream out) {
        this.front = front;
        this.member = member;
        this.out = out;
    }

    /** @param arguments the fronts of the members; runs until it is killed */
    public static void main(String[] arguments) throws InterruptedException {
        List<InetSocketAddress> fronts =
                Arrays.stream(arguments).map(MemberPlan::address).toList();
        for (int i = 0; i < fronts.size(); i++) {
            Probe probe = new Probe(fronts.get(i), i, System.out);
            new Thread(() -> probe.repeat(probe::append, REST_MILLIS), "append-" + i).start();
            new Thread(() -> probe.repeat(probe::look, LOOK_MILLIS), "look-" + i).start();
        }
        Thread.currentThread().join();
    }

    private interface Step {
        void with(FrontClient client) throws IOException;
    }

    private void repeat(Step step, long restMillis) {
        try {
            while (true) {
                try (FrontClient client = new FrontClient(front)) {
                    while (true) {
                        step.with(client);
                        Thread.sleep(restMillis);
                    }
                } catch (IOException e) {
                    Thread.sleep(LOOK_MILLIS); // it is away; a new connection is tried
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void append(FrontClient client) throws IOException {
        client.ask(Front.APPEND, "x".repeat(128), ANSWER_LIMIT);
        out.println("a " + member + " " + System.nanoTime());
    }

    private void look(FrontClient client) throws IOException {
        String status = client.ask(Front.STATUS, "", STATUS_LIMIT);
        if (!status.equals(last)) {
            out.println("s " + member + " " + System.nanoTime() + " " + status);
            last = status;
        }
    }
}
