package io.wgfabric.scale.bench;

import java.util.concurrent.CompletableFuture;

/** Something replicated that takes a value, as one client connection sees it. */
interface Store extends AutoCloseable {
    /** Completes when the value is committed, exceptionally when that is not known. */
    CompletableFuture<?> put(byte[] value);

    @Override
    void close();
}
