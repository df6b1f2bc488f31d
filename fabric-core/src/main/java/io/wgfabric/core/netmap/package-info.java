/** What nodes are told about each other, signed. */
@NullMarked
package io.wgfabric.core.netmap;

import org.jspecify.annotations.NullMarked;
