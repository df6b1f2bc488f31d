@NullMarked
package io.wgfabric.simulation.containers;

import org.jspecify.annotations.NullMarked;
