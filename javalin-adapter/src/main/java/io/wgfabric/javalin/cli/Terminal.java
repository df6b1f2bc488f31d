package io.wgfabric.javalin.cli;

/** Whether a person is there. The launcher finds out, since Java tells only of input and output together. */
final class Terminal {
    private Terminal() {}

    /** Whether standard output is a terminal. */
    static boolean out() {
        return Boolean.getBoolean("fabric.terminal");
    }

    /** Whether somebody at a terminal can answer a question: it is where both input and output go. */
    static boolean canAsk() {
        return out() && Boolean.getBoolean("fabric.terminal.in");
    }
}
