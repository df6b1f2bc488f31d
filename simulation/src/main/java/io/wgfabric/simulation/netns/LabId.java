package io.wgfabric.simulation.netns;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the names of everything that belongs to one lab begin with: the process that made it, and which of its labs it
 * is. Two labs never share a name.
 */
public record LabId(long pid, int number) {
    private static final AtomicInteger NEXT = new AtomicInteger(1);
    private static final Pattern TEXT = Pattern.compile("fab([0-9]{1,9})n([0-9]{1,6})");

    /** A new one of this process. */
    static LabId next() {
        return new LabId(ProcessHandle.current().pid(), NEXT.getAndIncrement());
    }

    /** Empty if it is not the name of a lab. */
    static Optional<LabId> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new LabId(Long.parseLong(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    /** The lab that a network namespace belongs to; empty if it belongs to none. */
    static Optional<LabId> ofNamespace(String namespace) {
        int dash = namespace.indexOf('-');
        return dash < 0 ? Optional.empty() : parse(namespace.substring(0, dash));
    }

    String namespace(String name) {
        return this + "-" + name;
    }

    @Override
    public String toString() {
        return "fab" + pid + "n" + number;
    }
}
