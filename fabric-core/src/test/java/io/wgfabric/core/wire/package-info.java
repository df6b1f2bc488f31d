/** Tests of what managers and nodes say to each other. */
@NullMarked
package io.wgfabric.core.wire;

import org.jspecify.annotations.NullMarked;
