package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command.SetPresharedKeys;
import io.wgfabric.api.Event;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.PresharedKeys;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.PresharedKeyDerivation;
import io.wgfabric.core.crypto.PresharedKeyDerivation.End;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.state.PresharedKeyRules;
import io.wgfabric.core.wire.PresharedKeyAnswer;
import io.wgfabric.core.wire.PresharedKeyAnswer.Given;
import io.wgfabric.core.wire.PresharedKeyRequest;
import io.wgfabric.core.wire.PresharedKeyRequest.Pair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Where pre-shared keys are switched on and off, and where nodes get those of their pairs. Thread-safe. */
public final class PresharedKeyDesk {
    private final ReplicatedFabric fabric;
    private final Function<FabricView, Bytes> sealingKey;

    /** @param sealingKey what opens the secrets of a view */
    public PresharedKeyDesk(ReplicatedFabric fabric, Function<FabricView, Bytes> sealingKey) {
        this.fabric = fabric;
        this.sealingKey = sealingKey;
    }

    /**
     * Completes with what holds then, or exceptionally with {@link io.wgfabric.api.RejectedException}. A repeat under the
     * same request id makes no other secret.
     */
    public CompletionStage<PresharedKeys> set(Actor actor, RequestId request, boolean on) {
        return fabric.submitOrRecall(actor, request, view -> command(view, on))
                .thenApply(outcome -> answered(outcome.orThrow(), on));
    }

    private static PresharedKeys answered(Outcome.Accepted outcome, boolean on) {
        for (Event event : outcome.events()) {
            if (event instanceof Event.PresharedKeysSet set && set.keys().on() == on) {
                return set.keys();
            }
        }
        throw ReplicatedFabric.reused();
    }

    private static PresharedKeys keys(FabricView view) {
        return view.cluster().map(Cluster::presharedKeys).orElse(PresharedKeys.NEVER);
    }

    private SetPresharedKeys command(FabricView view, boolean on) {
        int newest = keys(view).generation();
        if (!on) {
            return new SetPresharedKeys(newest, 0, null);
        }
        byte[] secret = Sealer.generateKey();
        byte[] opener = sealingKey.apply(view).toArray();
        try {
            Bytes sealed = new Sealer(opener).seal(PresharedKeyRules.nameOf(newest + 1), secret);
            return new SetPresharedKeys(newest + 1, view.sealing().generation(), sealed);
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(opener, (byte) 0);
        }
    }

    /**
     * The pre-shared keys of a node's pairs with active members; what this manager does not know (yet) is left out.
     *
     * @throws CryptoException if this manager cannot open the cluster's secrets now
     */
    public PresharedKeyAnswer answer(NodeId self, PresharedKeyRequest request) {
        FabricView view = fabric.view();
        ClusterId cluster =
                view.cluster().map(Cluster::id).orElseThrow(() -> new CryptoException("there is no cluster yet"));
        Map<Integer, byte[]> secrets = open(view, request);
        List<Given> given = new ArrayList<>();
        for (Pair pair : request.pairs()) {
            byte[] secret = secrets.get(pair.generation());
            boolean active = view.node(pair.node()).filter(Node::isActive).isPresent();
            if (secret != null && active && !pair.node().equals(self)) {
                End own = new End(self, pair.own());
                byte[] key = PresharedKeyDerivation.derive(secret, cluster, own, new End(pair.node(), pair.other()));
                given.add(new Given(pair, Bytes.of(key)));
                Arrays.fill(key, (byte) 0);
            }
        }
        secrets.values().forEach(secret -> Arrays.fill(secret, (byte) 0));
        return new PresharedKeyAnswer(given);
    }

    private Map<Integer, byte[]> open(FabricView view, PresharedKeyRequest request) {
        Map<Integer, byte[]> secrets = new TreeMap<>();
        byte[] opener = sealingKey.apply(view).toArray();
        try {
            Sealer sealer = new Sealer(opener);
            for (Pair pair : request.pairs()) {
                String name = PresharedKeyRules.nameOf(pair.generation());
                view.sealedSecret(name)
                        .ifPresent(ciphertext ->
                                secrets.computeIfAbsent(pair.generation(), each -> sealer.open(name, ciphertext)));
            }
            return secrets;
        } finally {
            Arrays.fill(opener, (byte) 0);
        }
    }
}
