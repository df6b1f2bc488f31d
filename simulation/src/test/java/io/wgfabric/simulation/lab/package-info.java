/** Tests of the story and of what it shows. */
@NullMarked
package io.wgfabric.simulation.lab;

import org.jspecify.annotations.NullMarked;
