@NullMarked
package io.wgfabric.jgroups.stack;

import org.jspecify.annotations.NullMarked;
