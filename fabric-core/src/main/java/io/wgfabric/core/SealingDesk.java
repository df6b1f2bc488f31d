package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command.RotateSealingKey;
import io.wgfabric.api.Event;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Sealing;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.ManagerKey;
import io.wgfabric.core.crypto.Sealer;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the sealing key is rotated: a random key, all secrets sealed again under it, and the key to each active manager
 * alone. Whoever was removed before knows no key that opens what is sealed from then on. Thread-safe.
 */
public final class SealingDesk {
    private final ReplicatedFabric fabric;
    private final Function<FabricView, Bytes> sealingKey;

    /** @param sealingKey what opens the secrets of a view */
    public SealingDesk(ReplicatedFabric fabric, Function<FabricView, Bytes> sealingKey) {
        this.fabric = fabric;
        this.sealingKey = sealingKey;
    }

    /**
     * Completes with what holds then, or exceptionally with {@link io.wgfabric.api.RejectedException} if the rotation is
     * refused; then nothing was changed. A repeat under the same request id gets the first answer.
     */
    public CompletionStage<Sealing> rotate(Actor actor, RequestId request) {
        return fabric.submitOrRecall(actor, request, this::command).thenApply(outcome -> sealing(outcome.orThrow()));
    }

    /** Of the generation that was made; who has it is who has the newest, should there be one by now. */
    private Sealing sealing(Outcome outcome) {
        if (outcome instanceof Outcome.Accepted accepted) {
            for (Event event : accepted.events()) {
                if (event instanceof Event.SealingKeyRotated rotated) {
                    return new Sealing(
                            rotated.generation(), fabric.view().sealing().wrapped());
                }
            }
        }
        throw ReplicatedFabric.reused();
    }

    private RotateSealingKey command(FabricView view) {
        ClusterId cluster = view.cluster()
                .orElseThrow(() -> new CryptoException("there is no cluster yet"))
                .id();
        int generation = view.sealing().generation() + 1;
        byte[] oldKey = sealingKey.apply(view).toArray();
        byte[] newKey = Sealer.generateKey();
        try {
            Sealer before = new Sealer(oldKey);
            Sealer after = new Sealer(newKey);
            TreeMap<String, Bytes> secrets = new TreeMap<>();
            view.sealedSecrets().forEach((name, ciphertext) -> {
                byte[] secret = before.open(name, ciphertext);
                secrets.put(name, after.seal(name, secret));
                Arrays.fill(secret, (byte) 0);
            });
            TreeMap<NodeId, Bytes> wrapped = new TreeMap<>();
            for (Node node : view.nodes()) {
                Bytes key = node.services() == null ? null : node.services().key();
                // Who has told no key is for the machine to name: it refuses.
                if (key != null && node.isActive()) {
                    wrapped.put(node.id(), ManagerKey.wrap(key, purpose(cluster, node.id(), generation), newKey));
                }
            }
            return new RotateSealingKey(generation, secrets, wrapped);
        } finally {
            Arrays.fill(oldKey, (byte) 0);
            Arrays.fill(newKey, (byte) 0);
        }
    }

    /** Binds a wrapped key to its place, so that it is good in no other. */
    private static String purpose(ClusterId cluster, NodeId node, int generation) {
        return "sealing key of " + cluster + ", generation " + generation + ", for " + node;
    }

    /**
     * The sealing key of a view as it was wrapped for a manager; null if it was not. The caller wipes it.
     *
     * @throws CryptoException if it is not for this manager's key
     */
    public static byte @Nullable [] unwrap(FabricView view, NodeId self, ManagerKey key) {
        Bytes wrapped = view.sealing().wrapped().get(self);
        if (wrapped == null || view.cluster().isEmpty()) {
            return null;
        }
        return key.unwrap(
                purpose(view.cluster().get().id(), self, view.sealing().generation()), wrapped);
    }

    /** Whether a key opens every secret of a view. */
    public static boolean opens(FabricView view, byte[] key) {
        Sealer sealer = new Sealer(key);
        try {
            view.sealedSecrets().forEach((name, ciphertext) -> Arrays.fill(sealer.open(name, ciphertext), (byte) 0));
            return true;
        } catch (CryptoException e) {
            return false;
        }
    }
}
