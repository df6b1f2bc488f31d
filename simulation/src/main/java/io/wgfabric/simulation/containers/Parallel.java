package io.wgfabric.simulation.containers;

import io.wgfabric.simulation.netns.LabException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Does the same for many nodes, some at a time. */
final class Parallel {
    /** The engine does most of the work: more at once than there are processors, and not so many that it stalls. */
    private static final int WIDTH =
            Math.max(4, Math.min(16, 2 * Runtime.getRuntime().availableProcessors()));

    private Parallel() {}

    /**
     * The results, in the order of the items. All are begun before a failure of one is thrown.
     *
     * @throws RuntimeException what the first that failed threw
     */
    static <T, R> List<R> map(List<T> items, Function<T, R> function) {
        ExecutorService workers = Executors.newFixedThreadPool(WIDTH);
        try {
            List<Future<R>> pending = new ArrayList<>();
            for (T item : items) {
                pending.add(workers.submit(() -> function.apply(item)));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> each : pending) {
                results.add(each.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw new LabException("a node failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        } finally {
            workers.shutdownNow();
        }
    }
}
