/** What managers and nodes say to each other in JSON. */
@NullMarked
package io.wgfabric.core.wire;

import org.jspecify.annotations.NullMarked;
