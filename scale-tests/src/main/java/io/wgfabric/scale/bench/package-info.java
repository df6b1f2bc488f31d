/** Measured comparisons: each is a program with a main method that prints a table and writes JSON. */
@NullMarked
package io.wgfabric.scale.bench;

import org.jspecify.annotations.NullMarked;
