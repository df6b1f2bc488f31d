/** Tests of backups. */
@NullMarked
package io.wgfabric.core.backup;

import org.jspecify.annotations.NullMarked;
