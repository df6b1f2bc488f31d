package io.wgfabric.javalin.server;

import io.wgfabric.agent.AtomicFiles;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * What an operator's commands need: where the managers are, how to know them, and his credential. The file is as good
 * as the credential: only its owner may read it.
 *
 * @param managers {@code HOST:PORT} of REST interfaces
 * @param authority the cluster's authority, DER: its own certificate, or the one from the authority before it
 */
public record OperatorFile(ClusterId cluster, List<String> managers, Bytes authority, String credential) {

    /** @throws IOException if it cannot be read; the message says what to do */
    public static OperatorFile read(Path file) throws IOException {
        try {
            return Json.mapper().readValue(Files.readAllBytes(file), OperatorFile.class);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file + "; name another with --context", e);
        } catch (AccessDeniedException e) {
            throw new IOException("no right to read " + file + "; run as its owner, or name another --context", e);
        } catch (JacksonException e) {
            throw new IOException(file + " is no operator's file, or is damaged", e);
        }
    }

    /** The same with an authority that follows. */
    OperatorFile withAuthority(Bytes next) {
        return new OperatorFile(cluster, managers, next, credential);
    }

    /** In one step, for the owner alone; where the file is a link, what it leads to. */
    void write(Path file) throws IOException {
        AtomicFiles.write(file.toRealPath(), Json.mapper().writeValueAsBytes(this));
    }

    @Override
    public String toString() {
        return "OperatorFile[" + cluster + "]";
    }
}
