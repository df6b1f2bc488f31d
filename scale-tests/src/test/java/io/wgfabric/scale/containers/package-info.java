/** The scenarios that must pass, in containers. */
@NullMarked
package io.wgfabric.scale.containers;

import org.jspecify.annotations.NullMarked;
