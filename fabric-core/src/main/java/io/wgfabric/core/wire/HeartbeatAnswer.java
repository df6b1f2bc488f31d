package io.wgfabric.core.wire;

import io.wgfabric.api.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * What a heartbeat is answered with.
 *
 * @param seen where the node's WireGuard is as this manager's own one sees it, on the main plane; null if the two have
 *     no session
 */
public record HeartbeatAnswer(@Nullable Endpoint seen) {}
