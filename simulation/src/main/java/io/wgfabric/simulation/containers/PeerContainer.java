package io.wgfabric.simulation.containers;

import io.wgfabric.api.Address;
import java.util.regex.Pattern;

/** A peer. */
public final class PeerContainer extends FabricNode<PeerContainer> {
    private static final Pattern UP = Pattern.compile("Joined cluster");

    PeerContainer(String image, String name, Underlay underlay, Address address, Privilege privilege, String cluster) {
        super(image, name, underlay, address, privilege, cluster);
    }

    @Override
    Pattern up() {
        return UP;
    }

    /** It brings its tunnel up by what it has stored, and says nothing. */
    @Override
    boolean isBack(long timesUp) {
        return !overlay().isEmpty();
    }
}
