/** Tests of the networks. */
@NullMarked
package io.wgfabric.simulation.netns;

import org.jspecify.annotations.NullMarked;
