/**
 * A fabric of containers, each a machine of its own with a real WireGuard interface, for tests of what an application
 * does while managers and peers come, fail and return. Begin with {@link
 * io.wgfabric.simulation.containers.FabricCluster}.
 */
@NullMarked
package io.wgfabric.simulation.containers;

import org.jspecify.annotations.NullMarked;
