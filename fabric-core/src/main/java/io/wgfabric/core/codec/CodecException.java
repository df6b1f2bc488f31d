package io.wgfabric.core.codec;

/** Bytes that this version cannot read. Reading them again will not help; a newer version may. */
public final class CodecException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CodecException(String message, Throwable cause) {
        super(message, cause);
    }
}
