@NullMarked
package io.wgfabric.jgroups.scenario;

import org.jspecify.annotations.NullMarked;
