/** The fabric on a replicated log: what turns commands into state, and the duties of a manager. */
@NullMarked
package io.wgfabric.core;

import org.jspecify.annotations.NullMarked;
