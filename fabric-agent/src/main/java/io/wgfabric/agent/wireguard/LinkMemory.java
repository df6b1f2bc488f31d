package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Prefix;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Links} found of interfaces at last, as long as {@link LinkWatch} has heard of no change. A node looks at its
 * interfaces many times a second while pairs move, and a look would start three programs for each. Not thread-safe.
 */
final class LinkMemory {
    /** Nothing is believed for longer, should a change ever go unheard. */
    private static final long LIMIT_NANOS = Duration.ofSeconds(30).toNanos();

    /** A command that looks once or twice has no use for a watch. */
    private static final int LOOKS_BEFORE_WATCHING = 3;

    private final Links links;
    private final LinkWatch watch;
    private final Map<String, Seen> seen = new HashMap<>();
    private int looks;

    /** @param link null if there is none */
    record Sight(Links.@Nullable Link link, Map<Prefix, Route> routes) {}

    /** @param mark of the watch before it was looked at */
    private record Seen(Sight sight, long mark, long nanos) {}

    LinkMemory(Links links, LinkWatch watch) {
        this.links = links;
        this.watch = watch;
    }

    /** What is known, or else what a look finds now. */
    Sight of(String name) {
        looks = Math.min(looks + 1, LOOKS_BEFORE_WATCHING);
        long mark = looks < LOOKS_BEFORE_WATCHING ? LinkWatch.DEAF : watch.mark();
        long now = System.nanoTime();
        Seen known = seen.get(name);
        if (known != null && mark != LinkWatch.DEAF && known.mark() == mark && now - known.nanos() < LIMIT_NANOS) {
            return known.sight();
        }
        Links.Link link = links.find(name);
        Sight sight = new Sight(link, link == null ? Map.of() : links.routes(name));
        seen.put(name, new Seen(sight, mark, now));
        return sight;
    }

    /** After a change of one's own, of which the watch may hear later. */
    void forget() {
        seen.clear();
    }

    void stop() {
        forget();
        watch.stop();
    }
}
