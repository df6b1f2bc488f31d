@NullMarked
package io.wgfabric.javalin.doctor;

import org.jspecify.annotations.NullMarked;
