@NullMarked
package io.wgfabric.jgroups.wal;

import org.jspecify.annotations.NullMarked;
