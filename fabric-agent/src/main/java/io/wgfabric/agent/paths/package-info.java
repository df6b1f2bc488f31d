/** Which way the packets of each pair take: direct, or through a node that both reach. */
@NullMarked
package io.wgfabric.agent.paths;

import org.jspecify.annotations.NullMarked;
