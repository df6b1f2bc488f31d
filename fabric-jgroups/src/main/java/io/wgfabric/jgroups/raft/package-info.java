/**
 * The consensus core: Raft as in D. Ongaro, "Consensus: Bridging Theory and Practice" (2014), called "dissertation" in
 * the comments. Pure: events and the time go in, effects come out; no thread, clock, I/O or random of its own.
 */
@NullMarked
package io.wgfabric.jgroups.raft;

import org.jspecify.annotations.NullMarked;
