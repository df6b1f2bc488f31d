/** What needs a kernel that has WireGuard, in the profile {@code kernel} alone. */
@NullMarked
package io.wgfabric.scale.kernel;

import org.jspecify.annotations.NullMarked;
