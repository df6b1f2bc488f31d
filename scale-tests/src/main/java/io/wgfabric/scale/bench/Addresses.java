package io.wgfabric.scale.bench;

import io.wgfabric.api.Address;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Prefix;
import io.wgfabric.core.state.AddressBook;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What it costs to give an address of a /8 and to take one back, beside how many are given. A book never changes, so
 * every call starts from the same one and the size stays what it is said to be. Medians, since an average is of
 * whatever else the machine does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Addresses {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeId NODE = NodeId.of(1);
    private static final int[] SIZES = {1_000, 1_000_000};

    /** How many addresses are given already. */
    @Param({"1000", "1000000"})
    private int given;

    private AddressBook book = AddressBook.of(List.of());
    private Address[] leased = new Address[0];
    private int turn;

    @Setup
    public void fill() {
        leased = new Address[given];
        book = filled(leased);
    }

    private static AddressBook filled(Address[] leased) {
        AddressBook book = AddressBook.of(List.of(Prefix.parse("10.0.0.0/8")));
        for (int i = 0; i < leased.length; i++) {
            AddressBook.Given next = book.give(true, NODE, NOW).orElseThrow();
            leased[i] = next.address();
            book = next.book();
        }
        return book;
    }

    @Benchmark
    public AddressBook give() {
        return book.give(true, NODE, NOW).orElseThrow().book();
    }

    /** A number prime to both sizes, so that the turns go through all of the tree. */
    @Benchmark
    public AddressBook takeBack() {
        turn = (turn + 7_919) % leased.length;
        return book.takeBack(leased[turn], NOW);
    }

    public static void main(String[] arguments) throws RunnerException {
        Collection<RunResult> results = new Runner(
                        new OptionsBuilder().include(Addresses.class.getName()).build())
                .run();
        Table table = new Table("addresses given", "give, µs", "99 %", "take back, µs", "99 %", "bytes per address");
        for (int size : SIZES) {
            table.row(
                    String.format(Locale.ROOT, "%,d", size),
                    micros(results, "give", size, 50),
                    micros(results, "give", size, 99),
                    micros(results, "takeBack", size, 50),
                    micros(results, "takeBack", size, 99),
                    Long.toString(bytesPerAddress(size)));
        }
        System.out.println(table);
    }

    private static String micros(Collection<RunResult> results, String name, int size, int percent) {
        return results.stream()
                .filter(result -> result.getParams().getBenchmark().endsWith("." + name)
                        && result.getParams().getParam("given").equals(Integer.toString(size)))
                .map(result -> String.format(
                        Locale.ROOT,
                        "%.2f",
                        result.getPrimaryResult().getStatistics().getPercentile(percent)))
                .findFirst()
                .orElseThrow();
    }

    /** Of the heap, without the ids of the nodes, which the state has in any case. */
    private static long bytesPerAddress(int size) {
        long before = usedHeap();
        AddressBook book = filled(new Address[size]);
        long after = usedHeap();
        if (book.leases().size() != size) {
            throw new IllegalStateException("the pool is too small");
        }
        return (after - before) / size;
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
