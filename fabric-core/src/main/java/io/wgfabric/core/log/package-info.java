/** The port to a replicated log, and a log within one process. */
@NullMarked
package io.wgfabric.core.log;

import org.jspecify.annotations.NullMarked;
