package io.wgfabric.simulation.netns;

/** What a lab cannot do, in one line for people. Whether a repeat helps depends on the line. */
public class LabException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LabException(String message) {
        super(message);
    }

    public LabException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The line, which every exception of this kind has. */
    public final String line() {
        return String.valueOf(getMessage());
    }
}
