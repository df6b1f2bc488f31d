/** What of this module is of use to all its parts. */
@NullMarked
package io.wgfabric.javalin;

import org.jspecify.annotations.NullMarked;
