@NullMarked
package io.wgfabric.scale.dataplane;

import org.jspecify.annotations.NullMarked;
