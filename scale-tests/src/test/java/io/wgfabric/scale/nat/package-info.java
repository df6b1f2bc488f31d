/** Peers behind NATs, with real managers and agents. */
@NullMarked
package io.wgfabric.scale.nat;

import org.jspecify.annotations.NullMarked;
