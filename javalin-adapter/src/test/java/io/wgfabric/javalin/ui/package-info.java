/** The web page in a real browser, at real managers. */
@NullMarked
package io.wgfabric.javalin.ui;

import org.jspecify.annotations.NullMarked;
