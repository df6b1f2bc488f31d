package io.wgfabric.api;

import java.util.Locale;

/** Who has a tunnel with whom. */
public enum Topology {
    /** Each node with each other one. */
    MESH,
    /** Each node with the hubs, which forward between the others; the hubs with each other. */
    HUB;

    /** As people write it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public static Topology parse(String text) {
        for (Topology topology : values()) {
            if (topology.text().equals(text)) {
                return topology;
            }
        }
        throw new IllegalArgumentException("a topology is mesh or hub");
    }
}
