package io.wgfabric.api;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A fabric as an application sees it: one replicated state, changed by commands and watched by revision. Thread-safe.
 */
public interface Fabric extends AutoCloseable {

    /**
     * Decides a command, in one order for the whole cluster. Completes with the decision once it is on the disks of a
     * majority and visible in {@link #view()}, or exceptionally if the cluster cannot decide; then the same command
     * under the same request id may be asked again, and takes effect once.
     */
    CompletionStage<Outcome> submit(Actor actor, RequestId request, Command command);

    /** The state as known here; it may lag behind the cluster, and says at which revision it is. */
    FabricView view();

    /** A view that has everything acknowledged anywhere before this call, confirmed by a majority. */
    CompletionStage<FabricView> freshView();

    /**
     * Calls the listener after each change with the newest view; changes that come fast may be told in one call. One
     * call at a time. A listener must not block: a slow one delays the others.
     */
    Subscription watch(Consumer<FabricView> listener);

    @Override
    void close();

    /** Ends with {@link #close}; idempotent. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
