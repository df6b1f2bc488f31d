@NullMarked
package io.wgfabric.agent.paths;

import org.jspecify.annotations.NullMarked;
