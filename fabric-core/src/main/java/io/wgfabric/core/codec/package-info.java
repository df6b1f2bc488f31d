/** Bytes for commands, answers and snapshots, and the one JSON dialect of the fabric. */
@NullMarked
package io.wgfabric.core.codec;

import org.jspecify.annotations.NullMarked;
