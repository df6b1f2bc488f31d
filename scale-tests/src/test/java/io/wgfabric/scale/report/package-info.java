/** The files that a run's report is written as. */
@NullMarked
package io.wgfabric.scale.report;

import org.jspecify.annotations.NullMarked;
