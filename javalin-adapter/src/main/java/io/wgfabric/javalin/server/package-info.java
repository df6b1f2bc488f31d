/** A standalone manager: its data folder, its replicated log, its REST interface and its unattended duties. */
@NullMarked
package io.wgfabric.javalin.server;

import org.jspecify.annotations.NullMarked;
