/** The fabric command. */
@NullMarked
package io.wgfabric.javalin.cli;

import org.jspecify.annotations.NullMarked;
