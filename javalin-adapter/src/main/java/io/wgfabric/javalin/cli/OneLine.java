package io.wgfabric.javalin.cli;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Errors as one line for people. */
final class OneLine {
    private static final int MAX_LENGTH = 400;

    private OneLine() {}

    static String of(Throwable thrown) {
        Throwable cause = unwrap(thrown);
        String message = cause.getMessage();
        String text = message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
        String line = text.strip().replaceAll("\\s*\\R\\s*", " ");
        return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "…";
    }

    static Throwable unwrap(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
