/** The REST interface: one door that finds out who asks, one table of routes, and the watch streams. */
@NullMarked
package io.wgfabric.javalin.rest;

import org.jspecify.annotations.NullMarked;
