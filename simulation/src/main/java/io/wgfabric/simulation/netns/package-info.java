/**
 * Networks of Linux network namespaces for tests and demonstrations: nothing of them is visible to the machine that they
 * run on, and nothing of them stays.
 */
@NullMarked
package io.wgfabric.simulation.netns;

import org.jspecify.annotations.NullMarked;
