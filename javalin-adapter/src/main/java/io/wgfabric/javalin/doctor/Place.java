package io.wgfabric.javalin.doctor;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.javalin.server.Access;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A data folder and the node that lives there.
 *
 * @param node null if none does
 * @param settings of a manager; null for a peer
 */
record Place(
        Path folder, @Nullable NodeStore node, @Nullable Settings settings) {

    /** @throws IOException if it cannot be read; the message says what to do */
    static Place of(Path folder) throws IOException {
        if (Files.isDirectory(folder) && !Files.isExecutable(folder)) {
            throw new IOException("no right to read " + folder + "; repeat it as root, or as its owner");
        }
        if (Files.exists(folder.resolve("settings.json"))) {
            return new Place(folder, Access.node(folder), FabricServer.settings(folder));
        }
        NodeStore store = new NodeStore(folder);
        return new Place(folder, store.hasJoined() ? store : null, null);
    }

    /** Whether there is an interface of WireGuard, or would be one. */
    boolean tunnel() {
        return settings == null || settings.tunnel();
    }

    /** What starts the node. */
    String start() {
        return "fabric " + (settings == null ? "peer run" : "server run") + " --data " + folder;
    }

    /** What only the owner may read. */
    List<Path> closed() {
        List<Path> paths = new ArrayList<>();
        if (node == null) {
            return paths;
        }
        paths.add(folder);
        if (settings != null) {
            paths.add(node.folder());
            paths.addAll(Access.secretFiles(folder, settings));
        } else {
            paths.addAll(node.secretFiles());
        }
        return paths;
    }
}
