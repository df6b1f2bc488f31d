package io.wgfabric.scale.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * The process of a client: one connection to one member, so many values in flight, each followed by the next as soon as
 * it is acknowledged. Reads {@code IN_FLIGHT MILLIS} lines, answers each with {@code COUNT FAILED NANOS HISTOGRAM}; the
 * histogram is of nanoseconds from asking to the acknowledgement, encoded and in Base64.
 */
public final class LoadClient {
    private static final int VALUE_BYTES = 128;
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Store store;
    private final byte[] value = new byte[VALUE_BYTES];
    private final Recorder latencies = new Recorder(LONGEST_NANOS, 3);
    private final AtomicLong failed = new AtomicLong();

    private LoadClient(Store store) {
        this.store = store;
    }

    /**
     * @param arguments {@code front ADDRESS} or {@code etcd ADDRESS}; {@code https ADDRESS TOKEN} for joins over one
     *     connection that is kept, {@code connect ADDRESS TOKEN} for joins with a connection each; {@code library ADDRESS}
     *     for joins at the front of a {@link JoinMember}
     */
    public static void main(String[] arguments) throws Exception {
        try (Store store = open(arguments);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            LoadClient client = new LoadClient(store);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                System.out.println(client.run(Integer.parseInt(words[0]), Long.parseLong(words[1])));
            }
        }
        System.exit(0); // what the clients' libraries left running is of no use any more
    }

    private static Store open(String[] arguments) throws IOException {
        String address = arguments[1];
        return switch (arguments[0]) {
            case "etcd" -> new EtcdStore("http://" + address);
            case "https" -> JoinStore.keeping(address, arguments[2]);
            case "connect" -> JoinStore.connecting(address, arguments[2]);
            case "library" -> JoinStore.library(MemberPlan.address(address));
            default -> new FrontClient(MemberPlan.address(address));
        };
    }

    private String run(int inFlight, long millis) throws InterruptedException {
        latencies.reset();
        failed.set(0);
        Semaphore ended = new Semaphore(0);
        long start = System.nanoTime();
        long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
        for (int i = 0; i < inFlight; i++) {
            put(end, ended);
        }
        ended.acquire(inFlight);
        long took = System.nanoTime() - start;
        Histogram all = latencies.getIntervalHistogram();
        return all.getTotalCount() + " " + failed.get() + " " + took + " " + encode(all);
    }

    private void put(long end, Semaphore ended) {
        long began = System.nanoTime();
        var unused = store.put(value).whenComplete((answer, failure) -> {
            long now = System.nanoTime();
            if (failure == null) {
                latencies.recordValue(Math.min(now - began, LONGEST_NANOS));
            } else {
                failed.incrementAndGet();
            }
            if (now < end) {
                put(end, ended);
            } else {
                ended.release();
            }
        });
    }

    private static String encode(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(buffer.array(), length));
    }

    /**
     * What one measurement gave.
     *
     * @param latencies in nanoseconds
     */
    record Measured(long count, long failed, long nanos, Histogram latencies) {
        double perSecond() {
            return count * 1e9 / nanos;
        }

        double millis(double percentile) {
            return latencies.getValueAtPercentile(percentile) / 1e6;
        }

        Measured plus(Measured other) {
            Histogram both = latencies.copy();
            both.add(other.latencies);
            return new Measured(count + other.count, failed + other.failed, nanos + other.nanos, both);
        }

        static Measured parse(String line) throws IOException {
            String[] words = line.split(" ", -1);
            try {
                ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(words[3]));
                Histogram histogram = Histogram.decodeFromCompressedByteBuffer(bytes, LONGEST_NANOS);
                return new Measured(
                        Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]), histogram);
            } catch (java.util.zip.DataFormatException e) {
                throw new IOException(e);
            }
        }
    }
}
