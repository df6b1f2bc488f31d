/** What is measured of a fabric in containers. */
@NullMarked
package io.wgfabric.scale.containers;

import org.jspecify.annotations.NullMarked;
