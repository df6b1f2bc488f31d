package io.wgfabric.agent.wireguard;

import io.wgfabric.api.PublicKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What WireGuard itself says of an interface; the system says the rest. A port of 0 is none. */
record DeviceState(@Nullable PublicKey publicKey, int listenPort, Map<PublicKey, ActualPeer> peers) {}
