/** The agent on a node: joins, verifies what it is told, reconciles WireGuard, rotates keys, sends heartbeats. */
@NullMarked
package io.wgfabric.agent;

import org.jspecify.annotations.NullMarked;
