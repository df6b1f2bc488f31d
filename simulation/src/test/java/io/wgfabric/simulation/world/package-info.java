@NullMarked
package io.wgfabric.simulation.world;

import org.jspecify.annotations.NullMarked;
