package io.wgfabric.javalin.rest;

import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says what is wrong with a body, in the caller's words: no class names, no input repeated. */
final class BadJson {
    private BadJson() {}

    static String describe(JacksonException e) {
        if (e instanceof UnrecognizedPropertyException) {
            return "unknown field '" + path(e) + "'";
        }
        if (e instanceof StreamReadException) {
            return "the body is not JSON, or goes on after its end, at line "
                    + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr();
        }
        String field = path(e).isEmpty() ? "the body" : "field '" + path(e) + "'";
        String reason = reason(e);
        return field + (reason == null ? " is missing, or has a wrong value" : ": " + reason);
    }

    /** Why a value type refused its text, where it said so. */
    private static @Nullable String reason(JacksonException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalArgumentException && cause.getMessage() != null) {
                return cause.getMessage();
            }
        }
        String message = e.getOriginalMessage();
        boolean ours = message != null && message.indexOf('`') < 0 && !message.contains("java.");
        return ours ? message : null;
    }

    private static String path(JacksonException e) {
        return e.getPath().stream()
                .map(part -> part.getPropertyName() == null
                        ? "[" + part.getIndex() + "]"
                        : String.valueOf(part.getPropertyName()))
                .collect(Collectors.joining("."));
    }
}
