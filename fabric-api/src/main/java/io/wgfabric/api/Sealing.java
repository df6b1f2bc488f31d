package io.wgfabric.api;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;

/**
 * Under which key the cluster's secrets are sealed.
 *
 * @param generation 1 for the key that the cluster was founded with; grows by one with each rotation
 * @param wrapped the key for each manager that was active at the rotation, encrypted to that manager alone; empty in
 *     the first generation, which managers got when they joined
 */
public record Sealing(int generation, SortedMap<NodeId, Bytes> wrapped) {
    /** Of a cluster whose key was never rotated. */
    public static final Sealing FIRST = new Sealing(1, Collections.emptySortedMap());

    public Sealing {
        Objects.requireNonNull(wrapped);
    }
}
