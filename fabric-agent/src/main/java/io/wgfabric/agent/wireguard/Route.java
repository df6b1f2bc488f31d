package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import org.jspecify.annotations.Nullable;

/** A route to an interface of this node, with the preferred source address if it has one. */
public record Route(Prefix destination, @Nullable Address source) {}
