@NullMarked
package io.wgfabric.jgroups.raft;

import org.jspecify.annotations.NullMarked;
