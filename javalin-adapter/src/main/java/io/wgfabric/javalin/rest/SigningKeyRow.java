package io.wgfabric.javalin.rest;

import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import java.time.Instant;

/**
 * The keys of a kind, by generation.
 *
 * @param key {@code token} or {@code config}
 * @param state {@code at-rest}, {@code next-known} or {@code old-kept}
 * @param since when that began
 */
public record SigningKeyRow(String key, String state, int oldest, int used, int newest, Instant since) {

    static SigningKeyRow of(SigningKey key, SigningKeys keys) {
        String state = keys.isAtRest() ? "at-rest" : keys.used() < keys.newest() ? "next-known" : "old-kept";
        return new SigningKeyRow(key.text(), state, keys.oldest(), keys.used(), keys.newest(), keys.since());
    }
}
