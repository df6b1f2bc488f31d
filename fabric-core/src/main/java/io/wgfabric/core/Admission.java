package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command.JoinNode;
import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.JoinToken;
import io.wgfabric.core.crypto.JoinTokens;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The join, whole: token verified, node admitted by one command, certificate issued, configuration signed. Thread-safe.
 */
public final class Admission {
    private final ReplicatedFabric fabric;
    private final ClusterKeyring keyring;
    private final NetmapPublisher netmaps;
    private final RefusalLedger refusals;
    private final Function<FabricView, Bytes> sealingKey;
    private final InstantSource clock;

    /** @param sealingKey what a joining manager gets: what opens the secrets of the view */
    public Admission(
            ReplicatedFabric fabric,
            ClusterKeyring keyring,
            NetmapPublisher netmaps,
            RefusalLedger refusals,
            Function<FabricView, Bytes> sealingKey,
            InstantSource clock) {
        this.fabric = fabric;
        this.keyring = keyring;
        this.netmaps = netmaps;
        this.refusals = refusals;
        this.sealingKey = sealingKey;
        this.clock = clock;
    }

    /**
     * Completes exceptionally with {@link RejectedException} if the node is refused; then nothing was changed and no use
     * was taken.
     *
     * @param from the network address of who asks, for the audit chain
     */
    public CompletionStage<JoinAnswer> join(JoinRequest request, String from) {
        JoinTokens.Checked checked = keyring.tokens().verify(request.token());
        if (checked instanceof JoinTokens.Checked.Refused refused) {
            refusals.record("join", refused.rejection().reason(), from);
            return CompletableFuture.failedFuture(new RejectedException(refused.rejection()));
        }
        JoinToken token = ((JoinTokens.Checked.Genuine) checked).token();
        PublicKey tlsKey;
        try {
            tlsKey = CertificateAuthority.subjectOf(request.certificateRequest());
        } catch (CryptoException e) {
            return invalid(e, from);
        }
        RequestId bound = recorded(request.request(), tlsKey);
        NodeId node = DerivedIds.node(keyring.cluster(), token.id().text(), bound);
        JoinNode command = new JoinNode(
                token.id(),
                node,
                request.role(),
                request.name(),
                request.keys(),
                request.endpoints(),
                request.services());
        Actor actor = new Actor(Actor.Kind.TOKEN, token.id().text(), from);
        if (refusals.isNamed(token.id())) {
            return decide(actor, bound, command, tlsKey);
        }
        return fabric.rehearse(actor, bound, command).thenCompose(foreseen -> {
            if (foreseen instanceof Outcome.Rejected rejected) {
                refusals.record("join", rejected.rejection().reason(), from);
                throw new RejectedException(rejected.rejection());
            }
            return decide(actor, bound, command, tlsKey);
        });
    }

    private CompletionStage<JoinAnswer> decide(Actor actor, RequestId bound, JoinNode command, PublicKey tlsKey) {
        NodeIdentity identity = new NodeIdentity(keyring.cluster(), command.role(), command.node());
        // Before the command, so that what could fail takes no use; handed out only if the node is admitted.
        Bytes certificate = Certificates.encode(keyring.authority().issueNode(tlsKey, identity, clock.instant()));
        return fabric.submit(actor, bound, command).thenApply(outcome -> {
            if (outcome instanceof Outcome.Rejected && command.token() != null) {
                refusals.named(command.token());
            }
            outcome.orThrow();
            return answer(fabric.view(), command.node(), certificate);
        });
    }

    private CompletionStage<JoinAnswer> invalid(CryptoException e, String from) {
        refusals.record("join", Reason.INVALID, from);
        return CompletableFuture.failedFuture(
                new RejectedException(new Rejection(Reason.INVALID, String.valueOf(e.getMessage()))));
    }

    /**
     * The request id as the state has it. It hides the asker's own, which would otherwise stand in the audit chain for
     * all who may read it, and binds the TLS key: who repeats a join with another key asks for another node.
     */
    public static RequestId recorded(RequestId asked, PublicKey tlsKey) {
        Bytes hash = Bytes.sha256(asked.text().getBytes(StandardCharsets.UTF_8), new byte[1], tlsKey.getEncoded());
        return new RequestId("join:" + hash.hex());
    }

    private JoinAnswer answer(FabricView view, NodeId id, Bytes certificate) {
        Node node = view.node(id)
                .filter(member -> !member.isQuarantined())
                .orElseThrow(() -> new RejectedException(new Rejection(
                        Reason.NODE_UNKNOWN,
                        "this node joined and was removed or quarantined since; ask the operator")));
        SignedNetmap netmap = node.isPending()
                ? null
                : netmaps.at(view, id, Edition.NONE).orElseThrow().signed();
        boolean manager = node.role() == Role.MGMT;
        List<String> replication = manager
                ? view.nodes().stream()
                        .filter(other -> !other.id().equals(id))
                        .map(Node::services)
                        .filter(Objects::nonNull)
                        .map(ManagerServices::replication)
                        .toList()
                : List.of();
        return new JoinAnswer(
                keyring.cluster(),
                node,
                certificate,
                keyring.authorities().told(),
                netmap == null ? null : netmap.base(),
                netmap == null || netmap.deltas().isEmpty() ? null : netmap.deltas(),
                manager ? sealingKey.apply(view) : null,
                replication);
    }
}
