/**
 * What a run measured, as files: latencies without averaging, a summary that programs read, and one page for people that
 * needs nothing but itself.
 */
@NullMarked
package io.wgfabric.scale.report;

import org.jspecify.annotations.NullMarked;
