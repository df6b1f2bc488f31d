/**
 * The pure machine: state and envelope in, state and outcome out. No clock, no random, no I/O, no thread; what every
 * manager must agree on is decided here and nowhere else.
 */
@NullMarked
package io.wgfabric.core.state;

import org.jspecify.annotations.NullMarked;
