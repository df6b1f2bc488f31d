/** The consensus core on a JGroups stack: the protocol, its threads, requests that travel to the leader, transport. */
@NullMarked
package io.wgfabric.jgroups.stack;

import org.jspecify.annotations.NullMarked;
