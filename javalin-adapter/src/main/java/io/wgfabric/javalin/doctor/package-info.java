/** What is wrong with a machine, the node on it and the managers that it knows. Checks are pure; probes find out what they judge. */
@NullMarked
package io.wgfabric.javalin.doctor;

import org.jspecify.annotations.NullMarked;
