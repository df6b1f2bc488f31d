/**
 * The data plane of a node: what WireGuard shall do ({@link io.wgfabric.agent.wireguard.DesiredNetwork}), what it does
 * ({@link io.wgfabric.agent.wireguard.ActualNetwork}), the pure comparison of both
 * ({@link io.wgfabric.agent.wireguard.Reconciler}) and the port that carries out the difference
 * ({@link io.wgfabric.agent.wireguard.Tunnel}).
 */
@NullMarked
package io.wgfabric.agent.wireguard;

import org.jspecify.annotations.NullMarked;
