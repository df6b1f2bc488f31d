/** Tests of address translation: STUN. */
@NullMarked
package io.wgfabric.agent.nat;

import org.jspecify.annotations.NullMarked;
