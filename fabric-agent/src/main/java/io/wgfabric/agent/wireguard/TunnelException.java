package io.wgfabric.agent.wireguard;

/**
 * The system refused what a tunnel needs, or did not answer in time. The message is one line that says what is wrong
 * and what to do. Reading again and applying the new difference is always safe; it helps once the cause is gone.
 */
public final class TunnelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TunnelException(String message) {
        super(message);
    }

    public TunnelException(String message, Throwable cause) {
        super(message, cause);
    }
}
