/** Managers under the load of many agents. */
@NullMarked
package io.wgfabric.scale.agents;

import org.jspecify.annotations.NullMarked;
