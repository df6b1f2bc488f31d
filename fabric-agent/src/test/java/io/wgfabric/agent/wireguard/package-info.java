/** Tests of the data plane: against a simulated tunnel, and with real interfaces in network namespaces. */
@NullMarked
package io.wgfabric.agent.wireguard;

import org.jspecify.annotations.NullMarked;
