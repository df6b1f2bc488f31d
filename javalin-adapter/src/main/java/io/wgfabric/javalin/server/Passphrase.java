package io.wgfabric.javalin.server;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where the passphrase of the file with the sealing key comes from. */
public interface Passphrase {
    /** There is none. */
    Passphrase NONE = needed -> null;

    /**
     * @param needed whether the file is locked, so that it is worth asking a person
     * @return the passphrase, which the caller wipes; null if there is none
     * @throws IOException if it cannot be read; the message says what to do
     */
    byte @Nullable [] read(boolean needed) throws IOException;
}
