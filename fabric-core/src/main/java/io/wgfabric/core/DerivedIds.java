package io.wgfabric.core;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.TokenId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Ids made from the request that asks for them, so that the same request through another manager is the same command
 * and gets the first one's answer.
 */
final class DerivedIds {
    private DerivedIds() {}

    static NodeId node(ClusterId cluster, String asker, RequestId request) {
        return NodeId.of(bits("node", cluster, asker, request));
    }

    static TokenId token(ClusterId cluster, String asker, RequestId request) {
        return TokenId.of(bits("token", cluster, asker, request));
    }

    private static long bits(String kind, ClusterId cluster, String asker, RequestId request) {
        String text = kind + '\n' + cluster + '\n' + asker + '\n' + request;
        return ByteBuffer.wrap(
                        Bytes.sha256(text.getBytes(StandardCharsets.UTF_8)).toArray())
                .getLong();
    }
}
