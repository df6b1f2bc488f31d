package io.wgfabric.simulation.lab;

import io.wgfabric.simulation.netns.LabException;

/** A node did not do what it should; its log says more. */
final class NodeFailure extends LabException {
    private static final long serialVersionUID = 1L;

    private final transient LabNode node;

    NodeFailure(LabNode node, String message) {
        super(node + " " + message);
        this.node = node;
    }

    LabNode node() {
        return node;
    }
}
