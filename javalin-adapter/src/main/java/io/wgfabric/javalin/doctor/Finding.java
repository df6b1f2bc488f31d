package io.wgfabric.javalin.doctor;

/**
 * What one check came to.
 *
 * @param check one or two words
 * @param found what is so, one line
 * @param mend what to do about it; empty if nothing is to be done
 */
public record Finding(String check, Result result, String found, String mend) {

    /** How bad it is. */
    public enum Result {
        OK("ok"),
        /** It works, and may soon not. */
        WARNING("warn"),
        FAILED("FAILED");

        private final String text;

        Result(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    static Finding ok(String check, String found) {
        return new Finding(check, Result.OK, found, "");
    }

    static Finding warning(String check, String found, String mend) {
        return new Finding(check, Result.WARNING, found, mend);
    }

    static Finding failed(String check, String found, String mend) {
        return new Finding(check, Result.FAILED, found, mend);
    }

    /** One line for people. */
    public String line() {
        return mend.isEmpty() ? found : found + ": " + mend;
    }
}
