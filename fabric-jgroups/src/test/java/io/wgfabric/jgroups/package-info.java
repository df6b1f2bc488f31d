@NullMarked
package io.wgfabric.jgroups;

import org.jspecify.annotations.NullMarked;
