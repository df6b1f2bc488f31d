package io.wgfabric.simulation.netns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class KernelLimitsTest {
    private static final Map<String, Integer> USUAL =
            Map.of("net.ipv4.neigh.default.gc_thresh3", 1024, "fs.inotify.max_user_instances", 128);

    @Test
    void aFewNodesNeedNothing() {
        assertEquals(List.of(), KernelLimits.tooLowFor(32, USUAL));
        assertEquals(List.of(), KernelLimits.tooLowFor(1_000, Map.of()));
    }

    @Test
    void whatIsTooLowIsNamedWithWhatToDo() {
        assertEquals(
                List.of(
                        "100 nodes have 9900 neighbours, and the kernel keeps 1024: sysctl -w"
                                + " net.ipv4.neigh.default.gc_thresh3=19800",
                        "100 nodes run 200 processes of wireguard-go while keys rotate, and the kernel lets a user have"
                                + " 128: sysctl -w fs.inotify.max_user_instances=432"),
                KernelLimits.tooLowFor(100, USUAL));
    }
}
