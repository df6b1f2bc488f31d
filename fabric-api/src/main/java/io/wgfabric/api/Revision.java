package io.wgfabric.api;

/**
 * How many commands the replicated state has taken in. Only grows within an epoch; equal revisions
 * of one epoch mean equal states. See {@link Edition}.
 */
public record Revision(long number) implements Comparable<Revision> {
    public static final Revision ZERO = new Revision(0);

    public Revision {
        if (number < 0) {
            throw new IllegalArgumentException("a revision is not negative");
        }
    }

    public Revision next() {
        return new Revision(number + 1);
    }

    public boolean isBefore(Revision other) {
        return number < other.number;
    }

    @Override
    public int compareTo(Revision other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}
