/** Damaged inputs for everything that reads bytes of others. */
@NullMarked
package io.wgfabric.core.fuzz;

import org.jspecify.annotations.NullMarked;
