/** What is in {@code deploy}. */
@NullMarked
package io.wgfabric.javalin.deploy;

import org.jspecify.annotations.NullMarked;
