package io.wgfabric.api;

/** The one text form of all ids. */
final class Ids {
    private static final String ALPHABET = "0123456789abcdefghijklmnopqrstuv";
    private static final int DIGITS = 13;

    private Ids() {}

    static boolean isValid(String prefix, String text) {
        boolean valid = text.length() == prefix.length() + DIGITS && text.startsWith(prefix);
        for (int i = prefix.length(); valid && i < text.length(); i++) {
            valid = ALPHABET.indexOf(text.charAt(i)) >= 0;
        }
        return valid;
    }

    static void check(String prefix, String text, String what) {
        if (!isValid(prefix, text)) {
            throw new IllegalArgumentException(what + " looks like " + prefix + "0123456789abc");
        }
    }

    static String format(String prefix, long bits) {
        StringBuilder out = new StringBuilder(prefix);
        for (int shift = 60; shift >= 0; shift -= 5) {
            out.append(ALPHABET.charAt((int) (bits >>> shift) & 31));
        }
        return out.toString();
    }
}
