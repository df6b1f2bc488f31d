/** Applications that embed the library. */
@NullMarked
package io.wgfabric.examples;

import org.jspecify.annotations.NullMarked;
