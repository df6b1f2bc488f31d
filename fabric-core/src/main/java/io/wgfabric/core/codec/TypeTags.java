package io.wgfabric.core.codec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.wgfabric.api.Command;
import io.wgfabric.api.Event;
import io.wgfabric.api.Outcome;

/**
 * The stable name and version of everything that is written to the log. A released tag never changes its meaning; a
 * changed command gets a new tag, and its old tag is read for ever.
 */
final class TypeTags {
    private TypeTags() {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(name = "bootstrap-cluster/1", value = Command.BootstrapCluster.class),
        @JsonSubTypes.Type(name = "create-token/1", value = Command.CreateToken.class),
        @JsonSubTypes.Type(name = "revoke-token/1", value = Command.RevokeToken.class),
        @JsonSubTypes.Type(name = "join-node/1", value = Command.JoinNode.class),
        @JsonSubTypes.Type(name = "update-node/1", value = Command.UpdateNode.class),
        @JsonSubTypes.Type(name = "remove-node/1", value = Command.RemoveNode.class),
        @JsonSubTypes.Type(name = "quarantine-node/1", value = Command.QuarantineNode.class),
        @JsonSubTypes.Type(name = "release-node/1", value = Command.ReleaseNode.class),
        @JsonSubTypes.Type(name = "rotate-node-key/1", value = Command.RotateNodeKey.class),
        @JsonSubTypes.Type(name = "publish-key/1", value = Command.PublishKey.class),
        @JsonSubTypes.Type(name = "advance-rotation/1", value = Command.AdvanceRotation.class),
        @JsonSubTypes.Type(name = "record-refusal/1", value = Command.RecordRefusal.class),
        @JsonSubTypes.Type(name = "raise-level/1", value = Command.RaiseLevel.class),
        @JsonSubTypes.Type(name = "recover-cluster/1", value = Command.RecoverCluster.class),
        @JsonSubTypes.Type(name = "rotate-sealing-key/1", value = Command.RotateSealingKey.class),
        @JsonSubTypes.Type(name = "add-pool/1", value = Command.AddPool.class),
        @JsonSubTypes.Type(name = "reserve-address/1", value = Command.ReserveAddress.class),
        @JsonSubTypes.Type(name = "release-address/1", value = Command.ReleaseAddress.class),
        @JsonSubTypes.Type(name = "create-operator/1", value = Command.CreateOperator.class),
        @JsonSubTypes.Type(name = "revoke-operator/1", value = Command.RevokeOperator.class),
        @JsonSubTypes.Type(name = "approve-node/1", value = Command.ApproveNode.class),
        @JsonSubTypes.Type(name = "end-quarantine/1", value = Command.EndQuarantine.class),
        @JsonSubTypes.Type(name = "rotate-signing-key/1", value = Command.RotateSigningKey.class),
        @JsonSubTypes.Type(name = "use-signing-key/1", value = Command.UseSigningKey.class),
        @JsonSubTypes.Type(name = "retire-signing-key/1", value = Command.RetireSigningKey.class),
        @JsonSubTypes.Type(name = "set-mesh-policy/1", value = Command.SetMeshPolicy.class),
        @JsonSubTypes.Type(name = "set-preshared-keys/1", value = Command.SetPresharedKeys.class),
        @JsonSubTypes.Type(name = "set-hub/1", value = Command.SetHub.class),
        @JsonSubTypes.Type(name = "offer-routes/1", value = Command.OfferRoutes.class),
        @JsonSubTypes.Type(name = "approve-routes/1", value = Command.ApproveRoutes.class),
    })
    interface Commands {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(name = "cluster-bootstrapped", value = Event.ClusterBootstrapped.class),
        @JsonSubTypes.Type(name = "token-created", value = Event.TokenCreated.class),
        @JsonSubTypes.Type(name = "token-revoked", value = Event.TokenRevoked.class),
        @JsonSubTypes.Type(name = "node-joined", value = Event.NodeJoined.class),
        @JsonSubTypes.Type(name = "node-changed", value = Event.NodeChanged.class),
        @JsonSubTypes.Type(name = "node-removed", value = Event.NodeRemoved.class),
        @JsonSubTypes.Type(name = "refusal-recorded", value = Event.RefusalRecorded.class),
        @JsonSubTypes.Type(name = "level-raised", value = Event.LevelRaised.class),
        @JsonSubTypes.Type(name = "cluster-recovered", value = Event.ClusterRecovered.class),
        @JsonSubTypes.Type(name = "sealing-key-rotated", value = Event.SealingKeyRotated.class),
        @JsonSubTypes.Type(name = "pool-added", value = Event.PoolAdded.class),
        @JsonSubTypes.Type(name = "address-reserved", value = Event.AddressReserved.class),
        @JsonSubTypes.Type(name = "address-released", value = Event.AddressReleased.class),
        @JsonSubTypes.Type(name = "operator-created", value = Event.OperatorCreated.class),
        @JsonSubTypes.Type(name = "operator-revoked", value = Event.OperatorRevoked.class),
        @JsonSubTypes.Type(name = "signing-key-changed", value = Event.SigningKeyChanged.class),
        @JsonSubTypes.Type(name = "mesh-policy-set", value = Event.MeshPolicySet.class),
        @JsonSubTypes.Type(name = "preshared-keys-set", value = Event.PresharedKeysSet.class),
    })
    interface Events {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "outcome")
    @JsonSubTypes({
        @JsonSubTypes.Type(name = "accepted", value = Outcome.Accepted.class),
        @JsonSubTypes.Type(name = "rejected", value = Outcome.Rejected.class),
    })
    interface Outcomes {}
}
