package io.wgfabric.scale.bench;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.maintenance.StatusResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One member of etcd, asked through jetcd. Puts go round a few keys, so that the tree of keys stays small. */
final class EtcdStore implements Store {
    private static final int KEYS = 256;

    private final String endpoint;
    private final Client client;
    private final KV kv;
    private final ByteSequence[] keys = new ByteSequence[KEYS];
    private final AtomicInteger next = new AtomicInteger();

    /** @param endpoint {@code http://HOST:PORT}, and no other is ever asked */
    EtcdStore(String endpoint) {
        this.endpoint = endpoint;
        this.client = Client.builder()
                .endpoints(endpoint)
                .waitForReady(false)
                .connectTimeout(Duration.ofSeconds(1))
                .retryMaxAttempts(0)
                .build();
        this.kv = client.getKVClient();
        for (int i = 0; i < KEYS; i++) {
            keys[i] = ByteSequence.from("k" + i, StandardCharsets.US_ASCII);
        }
    }

    @Override
    public CompletableFuture<?> put(byte[] value) {
        return kv.put(keys[Math.floorMod(next.getAndIncrement(), KEYS)], ByteSequence.from(value));
    }

    /** Whether this member is the leader; false if it does not say. */
    boolean leads() {
        StatusResponse status = status();
        return status != null
                && status.getLeader() != 0
                && status.getLeader() == status.getHeader().getMemberId();
    }

    boolean knowsLeader() {
        StatusResponse status = status();
        return status != null && status.getLeader() != 0;
    }

    private @Nullable StatusResponse status() {
        try {
            return client.getMaintenanceClient().statusMember(endpoint).get(1, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
