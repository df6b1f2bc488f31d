package io.wgfabric.scale.dataplane;

import io.wgfabric.core.codec.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One node's end of all its conversations, as a process in its network namespace: sends numbered datagrams to each
 * partner at a steady rate and writes down which of theirs have come. One way only, so a lost packet is known by its
 * direction, which a lost echo is not. Obeys a word a line ({@code go}, {@code stop}, {@code report}), and answers each
 * with a {@link Tally} a line. Ends with its input.
 */
final class Talker {
    static final int PORT = 9_999;

    private static final int DATAGRAM_BYTES = 200;
    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

    private final int number;
    private final long periodNanos;
    private final DatagramChannel channel;
    private final TreeMap<Integer, SocketAddress> partners = new TreeMap<>();
    private final TreeMap<Integer, Arrivals> heard = new TreeMap<>();
    private final TreeMap<Integer, Long> sent = new TreeMap<>();
    private volatile boolean talking;
    private long longestPauseNanos;

    private Talker(int number, long periodNanos, DatagramChannel channel) {
        this.number = number;
        this.periodNanos = periodNanos;
        this.channel = channel;
    }

    /** What one node sent, and what it heard from each partner by now. */
    record Tally(List<Sent> sent, List<Heard> heard, double longestPauseMillis) {}

    /** @param count of datagrams, also of those that the system refused to take */
    record Sent(int to, long count) {}

    /** @param arguments this node's number, the milliseconds between two datagrams, {@code NUMBER=ADDRESS} of each partner */
    public static void main(String[] arguments) throws IOException {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            channel.bind(new InetSocketAddress(PORT));
            Talker talker = new Talker(
                    Integer.parseInt(arguments[0]),
                    TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments[1])),
                    channel);
            for (String partner : List.of(arguments).subList(2, arguments.length)) {
                String[] parts = partner.split("=", 2);
                talker.meet(Integer.parseInt(parts[0]), parts[1]);
            }
            talker.obey(new PrintStream(System.out, true, StandardCharsets.UTF_8));
        }
        Runtime.getRuntime().halt(0);
    }

    private void meet(int partner, String address) {
        partners.put(partner, new InetSocketAddress(address, PORT));
        heard.put(partner, new Arrivals(partner));
        sent.put(partner, 0L);
    }

    private void obey(PrintStream out) throws IOException {
        daemon(this::listen, "listen");
        Thread speaker = null;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        tell(out);
        for (String word = in.readLine(); word != null; word = in.readLine()) {
            if (word.equals("go")) {
                talking = true;
                speaker = daemon(this::talk, "talk");
            } else if (word.equals("stop")) {
                talking = false;
                join(speaker);
            }
            tell(out);
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void join(@Nullable Thread thread) {
        try {
            if (thread != null) {
                thread.join(TimeUnit.SECONDS.toMillis(5));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A tick that this process slept through is left out, not made up for: a burst would be another kind of traffic. */
    private void talk() {
        ByteBuffer datagram = ByteBuffer.allocateDirect(DATAGRAM_BYTES);
        long due = System.nanoTime();
        long last = due;
        for (long sequence = 0; talking; sequence++) {
            LockSupport.parkNanos(due - System.nanoTime());
            long now = System.nanoTime();
            for (var partner : partners.entrySet()) {
                datagram.clear();
                datagram.putLong(sequence).putLong(System.nanoTime()).putInt(number);
                datagram.clear();
                send(datagram, partner.getValue());
            }
            synchronized (this) {
                sent.replaceAll((partner, count) -> count + 1);
                longestPauseNanos = Math.max(longestPauseNanos, now - last);
            }
            last = now;
            due = Math.max(due + periodNanos, now);
        }
    }

    /** What the system does not take counts as sent, and so as lost: the application wanted it to arrive. */
    private void send(ByteBuffer datagram, SocketAddress partner) {
        try {
            channel.send(datagram, partner);
        } catch (IOException e) {
            System.err.println(partner + ": " + e.getMessage());
        }
    }

    private void listen() {
        ByteBuffer datagram = ByteBuffer.allocateDirect(2 * DATAGRAM_BYTES);
        while (true) {
            datagram.clear();
            try {
                channel.receive(datagram);
            } catch (IOException e) {
                System.err.println("cannot listen: " + e.getMessage());
                return;
            }
            datagram.flip();
            if (datagram.remaining() == DATAGRAM_BYTES) {
                long sequence = datagram.getLong();
                long sentNanos = datagram.getLong();
                Arrivals arrivals = heard.get(datagram.getInt());
                if (arrivals != null) {
                    arrivals.add(sequence, sentNanos, System.nanoTime());
                }
            }
        }
    }

    private void tell(PrintStream out) {
        List<Heard> all = new ArrayList<>();
        heard.values().forEach(each -> all.add(each.tally()));
        List<Sent> counts = new ArrayList<>();
        double pause;
        synchronized (this) {
            sent.forEach((partner, count) -> counts.add(new Sent(partner, count)));
            pause = longestPauseNanos / 1e6;
        }
        out.println(Json.mapper().writeValueAsString(new Tally(counts, all, pause)));
    }
}
