package io.wgfabric.agent.wireguard;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Links} found of interfaces at last, as long as {@link LinkWatch} has heard of no change. A node looks at its
 * interfaces many times a second while pairs move, and starting a program each time costs more than all else that it
 * does. Not thread-safe.
 */
final class LinkMemory {
    /** Nothing is believed for longer, should a change ever go unheard. */
    private static final long LIMIT_NANOS = Duration.ofSeconds(30).toNanos();

    /** A command that looks once or twice has no use for a watch. */
    private static final int LOOKS_BEFORE_WATCHING = 3;

    private final Links links;
    private final LinkWatch watch;
    private final List<String> names;
    private @Nullable Seen seen;
    private int looks;

    /** @param mark of the watch before it was looked at */
    private record Seen(Map<String, Links.Sight> sights, long mark, long nanos) {}

    LinkMemory(Links links, LinkWatch watch, List<String> names) {
        this.links = links;
        this.watch = watch;
        this.names = List.copyOf(names);
    }

    /** {@link Links#look}, if what it found at last may not be true any more. */
    Map<String, Links.Sight> look() {
        looks = Math.min(looks + 1, LOOKS_BEFORE_WATCHING);
        long mark = looks < LOOKS_BEFORE_WATCHING ? LinkWatch.DEAF : watch.mark();
        long now = System.nanoTime();
        Seen known = seen;
        if (known == null || mark == LinkWatch.DEAF || known.mark() != mark || now - known.nanos() >= LIMIT_NANOS) {
            known = new Seen(links.look(names), mark, now);
            seen = known;
        }
        return known.sights();
    }

    /** After a change of one's own, of which the watch may hear later. */
    void forget() {
        seen = null;
    }

    void stop() {
        forget();
        looks = 0;
        watch.stop();
    }
}
