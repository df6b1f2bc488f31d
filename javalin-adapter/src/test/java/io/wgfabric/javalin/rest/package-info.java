@NullMarked
package io.wgfabric.javalin.rest;

import org.jspecify.annotations.NullMarked;
