/**
 * A whole fabric in one thread, driven by one seed: the real consensus core, log on disk, requests and machine, on a
 * clock, a network and disks that are simulated, with all invariants checked after every step.
 */
@NullMarked
package io.wgfabric.simulation.world;

import org.jspecify.annotations.NullMarked;
