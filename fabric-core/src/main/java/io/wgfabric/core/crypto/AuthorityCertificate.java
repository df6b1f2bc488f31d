package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * An authority of the cluster, as nodes are told of it and store it.
 *
 * @param generation of its key
 * @param certificate its own, DER
 * @param cross the same key certified by the authority before, DER, while that one is not retired; else null
 */
public record AuthorityCertificate(
        int generation, Bytes certificate, @Nullable Bytes cross) {}
