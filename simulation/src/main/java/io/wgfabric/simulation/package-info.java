/** The test kit: a fabric of real programs on one machine, and the {@code fabric lab} command that shows it. */
@NullMarked
package io.wgfabric.simulation;

import org.jspecify.annotations.NullMarked;
