package io.wgfabric.javalin.cli;

import org.jspecify.annotations.Nullable;

/** Colours of a terminal (ECMA-48 SGR), where there is one and nobody has said no: see no-color.org. */
enum Colour {
    RED(31),
    GREEN(32),
    YELLOW(33);

    private final int code;

    Colour(int code) {
        this.code = code;
    }

    /** A text that a table shows in this colour. */
    record Text(String text, Colour colour) {
        @Override
        public String toString() {
            return text;
        }
    }

    Text of(String text) {
        return new Text(text, this);
    }

    /** The text itself, after which the colour is what it was before. */
    String paint(String text) {
        return "\u001b[" + code + "m" + text + "\u001b[0m";
    }

    /** Whether what is printed is for the eyes of somebody who likes colours. */
    static boolean isOn() {
        return isOn(Terminal.out(), System.getenv("NO_COLOR"), System.getenv("TERM"));
    }

    static boolean isOn(boolean terminal, @Nullable String noColour, @Nullable String kind) {
        boolean unwanted = noColour != null && !noColour.isEmpty();
        return terminal && !unwanted && !"dumb".equals(kind);
    }
}
