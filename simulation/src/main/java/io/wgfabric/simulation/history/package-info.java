/** Whether a history of concurrent operations could have come from one thing that does them one at a time. */
@NullMarked
package io.wgfabric.simulation.history;

import org.jspecify.annotations.NullMarked;
