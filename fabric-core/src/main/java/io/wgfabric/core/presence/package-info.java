/** Who is there: heartbeats in the managers' memory, outside the log. */
@NullMarked
package io.wgfabric.core.presence;

import org.jspecify.annotations.NullMarked;
