@NullMarked
package io.wgfabric.core.netmap;

import org.jspecify.annotations.NullMarked;
