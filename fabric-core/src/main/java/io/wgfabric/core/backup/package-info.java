/** The whole state of a cluster in one file. */
@NullMarked
package io.wgfabric.core.backup;

import org.jspecify.annotations.NullMarked;
