/** Real managers under faults, and what their clients were told held against what must be true. */
@NullMarked
package io.wgfabric.scale.chaos;

import org.jspecify.annotations.NullMarked;
