/** Tokens, certificates, signatures and sealed secrets. */
@NullMarked
package io.wgfabric.core.crypto;

import org.jspecify.annotations.NullMarked;
