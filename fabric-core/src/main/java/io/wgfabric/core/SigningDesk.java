package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command.RetireSigningKey;
import io.wgfabric.api.Command.RotateSigningKey;
import io.wgfabric.api.Event;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.state.SigningRules;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Where a rotation of a signing key begins, and where the old key is retired before its time; the conductor does what is
 * between. Of another key for configurations nodes learn nothing: it has a certificate of the authority that they trust.
 * Another authority is named in the configurations. Thread-safe.
 */
public final class SigningDesk {
    private final ReplicatedFabric fabric;
    private final ClusterKeyring keyring;
    private final Function<FabricView, Bytes> sealingKey;
    private final InstantSource clock;

    /** @param sealingKey what opens the secrets of a view */
    public SigningDesk(
            ReplicatedFabric fabric,
            ClusterKeyring keyring,
            Function<FabricView, Bytes> sealingKey,
            InstantSource clock) {
        this.fabric = fabric;
        this.keyring = keyring;
        this.sealingKey = sealingKey;
        this.clock = clock;
    }

    /**
     * Completes with what holds then, or exceptionally with {@link io.wgfabric.api.RejectedException}. A repeat under the
     * same request id makes no other key.
     */
    public CompletionStage<SigningKeys> rotate(Actor actor, RequestId request, SigningKey key) {
        return fabric.submitOrRecall(actor, request, view -> rotation(view, key))
                .thenApply(outcome -> begun(outcome.orThrow(), key));
    }

    private static SigningKeys begun(Outcome.Accepted outcome, SigningKey key) {
        for (Event event : outcome.events()) {
            if (event instanceof Event.SigningKeyChanged changed
                    && changed.key() == key
                    && changed.keys().used() < changed.keys().newest()) {
                return changed.keys();
            }
        }
        throw ReplicatedFabric.reused();
    }

    private RotateSigningKey rotation(FabricView view, SigningKey key) {
        int generation = view.signing(key).newest() + 1;
        KeyPair pair = key == SigningKey.AUTHORITY ? Keys.generateP256() : Keys.generateEd25519();
        byte[] secret = pair.getPrivate().getEncoded();
        byte[] opener = sealingKey.apply(view).toArray();
        try {
            int sealing = view.sealing().generation();
            Bytes sealed = new Sealer(opener).seal(SigningRules.nameOf(key, generation), secret);
            return switch (key) {
                case TOKEN ->
                    new RotateSigningKey(
                            key,
                            generation,
                            sealing,
                            sealed,
                            Bytes.of(pair.getPublic().getEncoded()));
                case CONFIG ->
                    new RotateSigningKey(
                            key, generation, sealing, sealed, signer(issuer(view), generation, pair.getPublic()));
                case AUTHORITY -> authority(view, generation, sealing, sealed, pair);
            };
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(opener, (byte) 0);
        }
    }

    /** The next authority: known to those who know the one of now, and with a word for the key that signs configurations. */
    private RotateSigningKey authority(FabricView view, int generation, int sealing, Bytes sealed, KeyPair pair) {
        Instant now = clock.instant();
        CertificateAuthority next = CertificateAuthority.create(keyring.cluster(), pair, now);
        int config = view.signing(SigningKey.CONFIG).used();
        Bytes signer = view.publicKey(SigningRules.nameOf(SigningKey.CONFIG, config))
                .orElseThrow(() -> new CryptoException("the state has no key that signs configurations"));
        return new RotateSigningKey(
                SigningKey.AUTHORITY,
                generation,
                sealing,
                sealed,
                Certificates.encode(next.certificate()),
                Certificates.encode(issuer(view).certifyNext(pair.getPublic(), now)),
                signer(next, config, Certificates.decode(signer).getPublicKey()),
                config);
    }

    /** The authority of the view: a manager may lag behind a rotation, and what it then certified would be worth nothing. */
    private CertificateAuthority issuer(FabricView view) {
        CertificateAuthority authority = keyring.authority();
        Bytes used = Netmap.authorities(view).get(0).certificate();
        if (!Certificates.encode(authority.certificate()).equals(used)) {
            throw new RejectedException(new Rejection(
                    Reason.SEALING_OUTDATED, "this manager cannot open the newest authority's key yet; ask again"));
        }
        return authority;
    }

    private Bytes signer(CertificateAuthority from, int generation, PublicKey key) {
        return Certificates.encode(from.issueConfigSigner(keyring.cluster(), generation, key, clock.instant()));
    }

    /**
     * Retires the old key now; what it signed is worth nothing from then on. Completes as {@link #rotate} does.
     *
     * @param generation of the old key
     */
    public CompletionStage<SigningKeys> retire(Actor actor, RequestId request, SigningKey key, int generation) {
        return fabric.submit(actor, request, new RetireSigningKey(key, generation))
                .thenApply(outcome -> {
                    outcome.orThrow();
                    return fabric.view().signing(key);
                });
    }
}
