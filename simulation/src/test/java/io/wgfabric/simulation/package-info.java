/** Tests of the whole. */
@NullMarked
package io.wgfabric.simulation;

import org.jspecify.annotations.NullMarked;
