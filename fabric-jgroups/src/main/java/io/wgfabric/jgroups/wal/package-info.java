/** What a member keeps on disk: term and vote, the write-ahead log, snapshots. */
@NullMarked
package io.wgfabric.jgroups.wal;

import org.jspecify.annotations.NullMarked;
