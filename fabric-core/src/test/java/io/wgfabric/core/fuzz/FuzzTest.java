package io.wgfabric.core.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged inputs to all that reads bytes of others: refused by the documented exception, soon, at a bounded cost, and
 * without effect. {@code -Dfuzz.seeds=1000000} tries so many; {@code -Dfuzz.first} begins later; {@code -Dfuzz.target}
 * and {@code -Dfuzz.seed} repeat one.
 */
class FuzzTest {
    /** What an input may make its reader allocate, and for each byte of it on top; most of it dies at once. */
    private static final long ALLOCATION = 8 << 20;

    private static final long ALLOCATION_PER_BYTE = 256;

    /** Far beyond what any input needs, even on a busy machine. */
    private static final long HANG_SECONDS = 10;

    private static final long SEEDS = Long.getLong("fuzz.seeds", 30_000);
    private static final long FIRST = Long.getLong("fuzz.first", 0);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static List<Target> targets() {
        String only = System.getProperty("fuzz.target");
        return Targets.all().stream()
                .filter(target -> only == null || only.equals(target.name()))
                .toList();
    }

    /** What one run of a target cost. */
    private static final class Figures {
        final AtomicLong done = new AtomicLong();
        long accepted;
        long mostAllocated;
        long allocatedBy;
        long longestNanos;
        long longestBy;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("targets")
    void soundInputsAreAccepted(Target target) throws Exception {
        for (byte[] input : target.sound()) {
            // Golden commands are about nodes and tokens that this state does not know.
            assertTrue(target.reader().accepts(input) || target.name().equals("envelope"), target.name());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("targets")
    void damagedInputsAreRefusedSoonAndWithoutEffect(Target target) throws Exception {
        Long single = Long.getLong("fuzz.seed");
        long first = single == null ? FIRST : single;
        long count = single == null ? Math.max(1, SEEDS / Targets.all().size()) : 1;
        Figures figures = new Figures();
        FutureTask<Void> work = new FutureTask<>(() -> run(target, first, count, figures), null);
        Thread worker = new Thread(work, "fuzz-" + target);
        worker.setDaemon(true);
        worker.start();
        await(target, first, work, worker, figures);
        report(target, first, count, figures);
    }

    private static void run(Target target, long first, long count, Figures figures) {
        for (int warm = 0; warm < 3; warm++) {
            target.sound().forEach(sound -> read(target, -1, sound));
        }
        for (long seed = first; seed < first + count; seed++) {
            byte[] input = target.input(seed);
            long began = System.nanoTime();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            boolean accepted = read(target, seed, input);
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            long nanos = System.nanoTime() - began;
            figures.accepted += accepted ? 1 : 0;
            if (allocated > figures.mostAllocated) {
                figures.mostAllocated = allocated;
                figures.allocatedBy = seed;
            }
            if (nanos > figures.longestNanos) {
                figures.longestNanos = nanos;
                figures.longestBy = seed;
            }
            if (allocated > ALLOCATION + ALLOCATION_PER_BYTE * input.length) {
                throw new AssertionError("allocates " + allocated + " bytes for " + describe(target, seed, input));
            }
            figures.done.incrementAndGet();
        }
    }

    private static boolean read(Target target, long seed, byte[] input) {
        try {
            return target.reader().accepts(input);
        } catch (Throwable e) {
            throw new AssertionError(e + " for " + describe(target, seed, input), e);
        }
    }

    private static String describe(Target target, long seed, byte[] input) {
        String base64 = Base64.getEncoder().encodeToString(input);
        return "-Dfuzz.target=" + target + " -Dfuzz.seed=" + seed + ", " + input.length + " bytes: "
                + base64.substring(0, Math.min(base64.length(), 600));
    }

    /** Fails once no input was finished for a whole period. */
    private static void await(Target target, long first, FutureTask<Void> work, Thread worker, Figures figures)
            throws Exception {
        long seen = -1;
        while (true) {
            try {
                work.get(HANG_SECONDS, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AssertionError broken) {
                    throw broken;
                }
                throw e;
            } catch (TimeoutException e) {
                long done = figures.done.get();
                if (done == seen) {
                    AssertionError hangs = new AssertionError("no answer in " + HANG_SECONDS + " s for "
                            + describe(target, first + done, target.input(first + done)));
                    hangs.setStackTrace(worker.getStackTrace());
                    throw hangs;
                }
                seen = done;
            }
        }
    }

    private static void report(Target target, long first, long count, Figures figures) throws IOException {
        String line = String.format(
                Locale.ROOT,
                "%-12s seeds %d to %d: %d accepted, most allocated %d bytes (seed %d), longest %.1f ms (seed %d)%n",
                target,
                first,
                first + count - 1,
                figures.accepted,
                figures.mostAllocated,
                figures.allocatedBy,
                figures.longestNanos / 1e6,
                figures.longestBy);
        Path file = Path.of("target", "fuzz", target + ".txt");
        Files.createDirectories(file.getParent());
        Files.writeString(file, line);
        if (count < 1 || figures.done.get() != count) {
            fail(line);
        }
    }

    @Test
    void sameSeedDamagesTheSame() {
        for (Target target : Targets.all()) {
            if (!target.name().equals("backup")) {
                for (long seed = 0; seed < 50; seed++) {
                    String once = describe(target, seed, target.input(seed));
                    assertTrue(once.equals(describe(target, seed, target.input(seed))), once);
                }
            }
        }
    }
}
