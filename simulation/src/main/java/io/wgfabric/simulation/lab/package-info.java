/** The story that {@code fabric lab} tells, its checks and how they are shown. */
@NullMarked
package io.wgfabric.simulation.lab;

import org.jspecify.annotations.NullMarked;
