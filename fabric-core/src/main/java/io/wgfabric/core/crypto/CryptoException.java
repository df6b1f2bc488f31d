package io.wgfabric.core.crypto;

/** Something is not what it claims to be, or cannot be used. The message never contains a secret. */
public final class CryptoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CryptoException(String message, Throwable cause) {
        super(message, cause);
    }

    public CryptoException(String message) {
        super(message);
    }
}
