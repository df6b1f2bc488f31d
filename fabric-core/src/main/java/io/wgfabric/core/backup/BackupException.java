package io.wgfabric.core.backup;

import org.jspecify.annotations.Nullable;

/** A backup that cannot be used; the message is one line that says why. Trying again will not help. */
public final class BackupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BackupException(String message) {
        this(message, null);
    }

    BackupException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
