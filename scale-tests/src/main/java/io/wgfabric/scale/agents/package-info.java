/**
 * Agents without tunnels, thousands in one process: each joins with a token, has keys, a certificate, a connection and a
 * watch stream of its own, and sends heartbeats, so that managers meet the load of a fabric that is too large for one
 * machine.
 */
@NullMarked
package io.wgfabric.scale.agents;

import org.jspecify.annotations.NullMarked;
