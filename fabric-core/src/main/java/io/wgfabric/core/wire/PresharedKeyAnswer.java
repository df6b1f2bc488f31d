package io.wgfabric.core.wire;

import io.wgfabric.api.Bytes;
import java.util.List;

/**
 * The pre-shared keys of pairs. It travels only inside TLS 1.3, to the node whose pairs they are.
 *
 * @param keys those that the manager could give; the rest are to be asked for again
 */
public record PresharedKeyAnswer(List<Given> keys) {

    /** @param key of 32 bytes */
    public record Given(PresharedKeyRequest.Pair pair, Bytes key) {
        @Override
        public String toString() {
            return "Given[" + pair + "]";
        }
    }

    public PresharedKeyAnswer {
        keys = List.copyOf(keys);
    }
}
