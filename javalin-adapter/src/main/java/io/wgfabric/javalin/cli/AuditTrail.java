package io.wgfabric.javalin.cli;

import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.core.AuditVerifier;
import io.wgfabric.core.codec.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The audit chain as it is read from managers, part by part, or from an export, each entry verified on the way. */
final class AuditTrail {
    private static final int PART = 1_000;

    /** One line of an export: an entry, and the hash that it follows. */
    record Line(Bytes before, AuditEntry entry) {
        String json() {
            return Json.mapper().writeValueAsString(this);
        }
    }

    /** Takes each line that fits, in order. */
    interface Reader {
        void read(Line line);
    }

    private final AuditVerifier verifier = new AuditVerifier();
    private long last;

    /** @param after the number of the entry before the first that is wanted */
    AuditTrail(long after) {
        last = after;
    }

    AuditVerifier verifier() {
        return verifier;
    }

    /**
     * Reads on to the newest entry, whichever managers answer. After a failure it can be called again and goes on where
     * it was.
     *
     * @throws BrokenChainException if an entry does not fit
     */
    void readOn(ClientOptions managers, Reader reader) throws IOException {
        JsonNode items;
        do {
            JsonNode part = managers.call("GET", "/v1/audit?limit=" + PART + "&after=" + last, null);
            items = part.path("items");
            Bytes before = Json.mapper().treeToValue(part.path("before"), Bytes.class);
            for (JsonNode item : items) {
                Line line = new Line(before, Json.mapper().treeToValue(item, AuditEntry.class));
                take(line, reader);
                before = line.entry().hash();
            }
        } while (items.size() == PART);
    }

    /** Reads an export. */
    void readFile(Path file, Reader reader) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            long number = 0;
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                number++;
                Line line;
                try {
                    line = Json.mapper().readValue(text, Line.class);
                } catch (JacksonException e) {
                    throw new BrokenChainException("line " + number + " of " + file + " is no entry of an audit chain");
                }
                take(line, reader);
            }
        }
    }

    private void take(Line line, Reader reader) throws BrokenChainException {
        String fault = verifier.check(line.before(), line.entry());
        if (fault != null) {
            throw new BrokenChainException("the audit chain is broken: " + fault);
        }
        last = line.entry().number();
        reader.read(line);
    }

    /** An entry does not fit. The message is one line that names it. */
    static final class BrokenChainException extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenChainException(String message) {
            super(message);
        }
    }
}
