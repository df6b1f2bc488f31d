package io.wgfabric.javalin.rest;

import io.wgfabric.api.FabricView;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.core.presence.Presence;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a kind, by generation.
 *
 * @param key {@code token}, {@code config} or {@code authority}
 * @param state {@code at-rest}, {@code next-known} or {@code old-kept}
 * @param since when that began
 * @param behind for {@code authority} alone: how many nodes are not known to have a certificate of the one that is used,
 *     and would be shut out if the old one were retired now; those that wait or are in quarantine among them
 */
public record SigningKeyRow(
        String key,
        String state,
        int oldest,
        int used,
        int newest,
        Instant since,
        @Nullable Integer behind) {

    static SigningKeyRow of(SigningKey key, SigningKeys keys, FabricView view, Presence presence) {
        Integer behind = key == SigningKey.AUTHORITY ? behind(keys.used(), view, presence) : null;
        String state = keys.isAtRest() ? "at-rest" : keys.used() < keys.newest() ? "next-known" : "old-kept";
        return new SigningKeyRow(key.text(), state, keys.oldest(), keys.used(), keys.newest(), keys.since(), behind);
    }

    /** By what the nodes say of themselves; one that was not heard is not known to have gone over. */
    private static int behind(int used, FabricView view, Presence presence) {
        return (int) view.nodes().stream()
                .filter(node -> !presence.last(node.id())
                        .map(sighting -> Integer.valueOf(used)
                                .equals(sighting.heartbeat().authority()))
                        .orElse(false))
                .count();
    }
}
