package io.wgfabric.javalin.server;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** While this is open, a process that is told to stop leaves nothing of a manager that is not complete yet. */
final class HalfMade implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(HalfMade.class.getName());

    private final Thread hook;

    private HalfMade(Thread hook) {
        this.hook = hook;
    }

    /** Begins to watch a folder that was made for a manager. */
    static HalfMade watch(DataFolder folder) {
        Thread hook = new Thread(() -> discard(folder), "fabric-undo");
        Runtime.getRuntime().addShutdownHook(hook);
        return new HalfMade(hook);
    }

    private static void discard(DataFolder folder) {
        try {
            folder.discard();
        } catch (IOException e) {
            LOGGER.log(Level.ERROR, "what is half made could not be removed: {0}", e.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOGGER.log(Level.DEBUG, "the process stops already, and the folder is being removed");
        }
    }
}
