package io.wgfabric.api;

/** A rejection where a caller asked for an exception: {@link Outcome#orThrow}. A repeat is refused again. */
public final class RejectedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Rejection rejection;

    public RejectedException(Rejection rejection) {
        super(rejection.message());
        this.rejection = rejection;
    }

    public Rejection rejection() {
        return rejection;
    }
}
