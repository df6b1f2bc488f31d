/** What an application sees of a fabric: values, commands, events, rejections and {@link io.wgfabric.api.Fabric}. */
@NullMarked
package io.wgfabric.api;

import org.jspecify.annotations.NullMarked;
