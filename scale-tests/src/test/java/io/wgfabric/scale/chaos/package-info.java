/** The suites, in the profile {@code chaos} alone. */
@NullMarked
package io.wgfabric.scale.chaos;

import org.jspecify.annotations.NullMarked;
