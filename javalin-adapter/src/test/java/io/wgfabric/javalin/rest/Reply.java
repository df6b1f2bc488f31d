package io.wgfabric.javalin.rest;

import io.wgfabric.core.codec.Json;
import java.net.http.HttpClient.Version;
import tools.jackson.databind.JsonNode;

/** What a manager answered. */
record Reply(int status, String body, String type, String retryAfter, String allow, boolean stale, Version version) {

    JsonNode json() {
        return Json.mapper().readTree(body);
    }

    /** The last part of the problem's type. */
    String slug() {
        return json().path("type").asString("").replace(Problem.PREFIX, "");
    }
}
