/** The replicated log on JGroups. {@link io.wgfabric.jgroups.JGroupsLog} is the only entry point. */
@NullMarked
package io.wgfabric.jgroups;

import org.jspecify.annotations.NullMarked;
