@NullMarked
package io.wgfabric.javalin.server;

import org.jspecify.annotations.NullMarked;
