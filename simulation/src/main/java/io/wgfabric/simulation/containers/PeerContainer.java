package io.wgfabric.simulation.containers;

import com.github.dockerjava.api.command.InspectContainerResponse;
import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/** A peer. */
public final class PeerContainer extends FabricNode<PeerContainer> {
    private static final Pattern UP = Pattern.compile("Joined cluster");

    private List<Address> watched = List.of();

    PeerContainer(String image, String name, Underlay underlay, Address address, Privilege privilege, String cluster) {
        super(image, name, underlay, address, privilege, cluster);
    }

    /** Which nodes it asks for an echo from the first moment on, for {@link #joinTimes}. */
    PeerContainer watching(Collection<Address> targets) {
        watched = List.copyOf(targets);
        return this;
    }

    @Override
    protected void containerIsStarting(InspectContainerResponse container) {
        if (!watched.isEmpty() && Boolean.TRUE.equals(container.getState().getRunning())) {
            try {
                JoinTimes.watch(this, watched);
            } catch (LabException e) {
                // It was refused and has ended: then that is the reason to give, and there are no times.
                logger().debug("not watched: {}", e.line());
            }
        }
    }

    /**
     * How its join went; returns once everybody whom it asked has answered.
     *
     * @throws LabException if that takes longer than two minutes
     */
    public JoinTimes joinTimes() {
        List<JoinTimes> times = new ArrayList<>(1);
        await("has joined, with an answer", () -> {
            JoinTimes.read(this).ifPresent(times::add);
            return !times.isEmpty();
        });
        return times.get(0);
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
