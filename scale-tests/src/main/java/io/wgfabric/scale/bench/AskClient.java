package io.wgfabric.scale.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The process of an {@link Asker}. Reads {@code prefer MEMBER}, {@code go} and {@code stop}; while it goes it asks, rests
 * for 10 ms, and asks again, and writes for each acknowledgement when it came, as {@link System#nanoTime} has it, which
 * is one clock for all processes of a Linux machine.
 */
public final class AskClient {
    private static final long REST_MILLIS = 10;

    private final Asker asker;
    private final PrintStream out;
    private volatile boolean going;
    private int preferred = -1;

    private AskClient(Asker asker, PrintStream out) {
        this.asker = asker;
        this.out = out;
    }

    /** @param arguments {@code join TOKEN}, or {@code put} and addresses */
    public static void main(String[] arguments) throws IOException {
        List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
        Asker asker = arguments[0].equals("join") ? new Asker.Joining(rest.get(0)) : new Asker.Putting(rest);
        AskClient client = new AskClient(asker, System.out);
        Thread asking = new Thread(client::run, "asking");
        asking.setDaemon(true);
        asking.start();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            client.told(line);
        }
        System.exit(0);
    }

    private synchronized void told(String line) {
        if (line.startsWith("prefer ")) {
            preferred = Integer.parseInt(line.substring("prefer ".length()));
        } else {
            going = line.equals("go");
            notifyAll();
        }
    }

    /** Waits until it shall go; answers whom to prefer, -1 for no change. */
    private synchronized int turn() throws InterruptedException {
        while (!going) {
            wait();
        }
        int member = preferred;
        preferred = -1;
        return member;
    }

    private void run() {
        try {
            while (true) {
                int member = turn();
                if (member >= 0) {
                    asker.prefer(member);
                }
                asker.ask();
                out.println(System.nanoTime());
                out.flush();
                Thread.sleep(REST_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1); // who started it sees that nothing comes any more
        }
    }
}
