package io.wgfabric.scale.bench;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.wire.JoinRequest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Joins of new peers, each of which the fabric has never heard of. Certification requests are made beforehand and used
 * again, since it is not the clients' signing that is measured; the managers verify each as if it were new. Thread-safe.
 */
final class JoinRequests {
    private static final int CERTIFICATION_REQUESTS = 256;

    private final String token;
    private final List<Bytes> certificationRequests = new ArrayList<>();
    private final SecureRandom random = new SecureRandom();
    private final AtomicInteger next = new AtomicInteger();

    JoinRequests(String token) {
        this.token = token;
        for (int i = 0; i < CERTIFICATION_REQUESTS; i++) {
            certificationRequests.add(Certificates.request(Keys.generateP256()));
        }
    }

    JoinRequest next() {
        return new JoinRequest(
                new RequestId(UUID.randomUUID().toString()),
                token,
                Role.PEER,
                null,
                new NodeKeys(key(), key()),
                new NodeEndpoints(List.of(), 51_820, 51_821),
                null,
                certificationRequests.get(Math.floorMod(next.getAndIncrement(), CERTIFICATION_REQUESTS)));
    }

    /** Any 32 bytes are a public key (RFC 7748 section 5). */
    private PublicKey key() {
        byte[] bytes = new byte[PublicKey.BYTES];
        random.nextBytes(bytes);
        return PublicKey.of(bytes);
    }
}
