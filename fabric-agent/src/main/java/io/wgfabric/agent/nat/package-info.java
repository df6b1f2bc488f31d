/** How nodes behind address translation find each other: what address the others see. */
@NullMarked
package io.wgfabric.agent.nat;

import org.jspecify.annotations.NullMarked;
