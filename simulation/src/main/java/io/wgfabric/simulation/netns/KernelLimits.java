package io.wgfabric.simulation.netns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What all nodes of a machine have to share, whatever namespaces and containers they are in. */
public final class KernelLimits {
    /** One entry for each neighbour of each node; past the limit packets are dropped while room is made (arp(7)). */
    private static final String NEIGHBOURS = "net.ipv4.neigh.default.gc_thresh3";

    /** One for each {@code wireguard-go} of a user, which ends at its start if there is none left (inotify(7)). */
    private static final String WATCHERS = "fs.inotify.max_user_instances";

    private static final Path SETTINGS = Path.of("/proc/sys");
    private static final int INTERFACES = 2;

    /** For what else watches files on the machine. */
    private static final int OTHERS = 16;

    private KernelLimits() {}

    /** A line for each limit that is too low for so many nodes in a mesh; an engine elsewhere cannot be asked. */
    public static List<String> tooLowFor(int nodes) {
        Map<String, Integer> found = new TreeMap<>();
        for (String each : List.of(NEIGHBOURS, WATCHERS)) {
            try {
                // In one read: of such a file the kernel gives out no second part.
                String text = Files.readAllLines(SETTINGS.resolve(each.replace('.', '/')))
                        .get(0);
                found.put(each, Integer.parseInt(text.strip()));
            } catch (IOException | NumberFormatException e) {
                // Not Linux, or a kernel without it: then it limits nobody here.
                found.remove(each);
            }
        }
        return tooLowFor(nodes, found);
    }

    static List<String> tooLowFor(int nodes, Map<String, Integer> limits) {
        List<String> lines = new ArrayList<>();
        int neighbours = nodes * (nodes - 1);
        if (limits.getOrDefault(NEIGHBOURS, Integer.MAX_VALUE) < neighbours) {
            lines.add(nodes + " nodes have " + neighbours + " neighbours, and the kernel keeps "
                    + limits.get(NEIGHBOURS) + ": sysctl -w " + NEIGHBOURS + "=" + 2 * neighbours);
        }
        int watchers = INTERFACES * nodes + OTHERS;
        if (limits.getOrDefault(WATCHERS, Integer.MAX_VALUE) < watchers) {
            lines.add(
                    nodes + " nodes run " + INTERFACES * nodes + " processes of wireguard-go while keys rotate, and the"
                            + " kernel lets a user have " + limits.get(WATCHERS) + ": sysctl -w " + WATCHERS + "="
                            + 2 * watchers);
        }
        return lines;
    }
}
