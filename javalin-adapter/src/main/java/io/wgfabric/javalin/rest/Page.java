package io.wgfabric.javalin.rest;

import io.wgfabric.api.Revision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param next what to ask for as {@code ?after=} to get the rest; null at the end
 * @param revision of the state that it shows
 * @param stale true if no leader could confirm that nothing newer was decided; absent otherwise
 */
record Page<T>(
        List<T> items,
        @Nullable String next,
        Revision revision,
        @Nullable Boolean stale) {}
