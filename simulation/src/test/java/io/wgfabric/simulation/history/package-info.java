/** What the checker accepts and what it rejects. */
@NullMarked
package io.wgfabric.simulation.history;

import org.jspecify.annotations.NullMarked;
