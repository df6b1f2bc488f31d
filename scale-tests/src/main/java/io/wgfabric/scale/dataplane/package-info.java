/** The data plane of real nodes under traffic: every packet between them is counted while something is done to them. */
@NullMarked
package io.wgfabric.scale.dataplane;

import org.jspecify.annotations.NullMarked;
