package io.wgfabric.api;

import java.util.regex.Pattern;

/**
 * Names one intention of a caller. Two commands under one request id are one: the second gets the first one's answer.
 * 1 to 128 characters of {@code A–Z a–z 0–9 . _ : -}.
 */
public record RequestId(String text) implements Comparable<RequestId> {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    public RequestId {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("a request id is 1 to 128 characters of A-Z a-z 0-9 . _ : -");
        }
    }

    public static RequestId parse(String text) {
        return new RequestId(text);
    }

    @Override
    public int compareTo(RequestId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
