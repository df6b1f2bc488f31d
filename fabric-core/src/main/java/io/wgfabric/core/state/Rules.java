package io.wgfabric.core.state;

import io.wgfabric.api.Command;
import io.wgfabric.api.Event;

/** Sends each command to the rules of its domain. */
final class Rules implements Command.Visitor<Verdict> {
    private final Draft draft;
    private final Envelope envelope;

    Rules(Draft draft, Envelope envelope) {
        this.draft = draft;
        this.envelope = envelope;
    }

    @Override
    public Verdict bootstrapCluster(Command.BootstrapCluster command) {
        return ClusterRules.bootstrap(draft, command);
    }

    @Override
    public Verdict createToken(Command.CreateToken command) {
        return TokenRules.create(draft, command);
    }

    @Override
    public Verdict revokeToken(Command.RevokeToken command) {
        return TokenRules.revoke(draft, command);
    }

    @Override
    public Verdict joinNode(Command.JoinNode command) {
        return JoinRules.join(draft, envelope.actor(), command);
    }

    @Override
    public Verdict updateNode(Command.UpdateNode command) {
        return NodeRules.update(draft, command);
    }

    @Override
    public Verdict removeNode(Command.RemoveNode command) {
        return NodeRules.remove(draft, command);
    }

    @Override
    public Verdict quarantineNode(Command.QuarantineNode command) {
        return QuarantineRules.quarantine(draft, command);
    }

    @Override
    public Verdict releaseNode(Command.ReleaseNode command) {
        return QuarantineRules.release(draft, command);
    }

    @Override
    public Verdict rotateNodeKey(Command.RotateNodeKey command) {
        return RotationRules.rotate(draft, command);
    }

    @Override
    public Verdict publishKey(Command.PublishKey command) {
        return RotationRules.publish(draft, command);
    }

    @Override
    public Verdict advanceRotation(Command.AdvanceRotation command) {
        return RotationRules.advance(draft, command);
    }

    @Override
    public Verdict recordRefusal(Command.RecordRefusal command) {
        draft.events.add(new Event.RefusalRecorded());
        return Verdict.accepted(
                command.subject(),
                "refused " + command.count() + " times: " + command.reason().slug());
    }

    @Override
    public Verdict raiseLevel(Command.RaiseLevel command) {
        return LevelRules.raise(draft, command);
    }

    @Override
    public Verdict recoverCluster(Command.RecoverCluster command) {
        return ClusterRules.recover(draft, command);
    }

    @Override
    public Verdict rotateSealingKey(Command.RotateSealingKey command) {
        return SealingRules.rotate(draft, command);
    }

    @Override
    public Verdict addPool(Command.AddPool command) {
        return AddressRules.addPool(draft, command);
    }

    @Override
    public Verdict reserveAddress(Command.ReserveAddress command) {
        return AddressRules.reserve(draft, command);
    }

    @Override
    public Verdict releaseAddress(Command.ReleaseAddress command) {
        return AddressRules.release(draft, command);
    }

    @Override
    public Verdict createOperator(Command.CreateOperator command) {
        return OperatorRules.create(draft, command);
    }

    @Override
    public Verdict revokeOperator(Command.RevokeOperator command) {
        return OperatorRules.revoke(draft, command);
    }

    @Override
    public Verdict approveNode(Command.ApproveNode command) {
        return ApprovalRules.approve(draft, command);
    }

    @Override
    public Verdict endQuarantine(Command.EndQuarantine command) {
        return QuarantineRules.end(draft, command);
    }

    @Override
    public Verdict rotateSigningKey(Command.RotateSigningKey command) {
        return SigningRules.rotate(draft, command);
    }

    @Override
    public Verdict useSigningKey(Command.UseSigningKey command) {
        return SigningRules.use(draft, command);
    }

    @Override
    public Verdict retireSigningKey(Command.RetireSigningKey command) {
        return SigningRules.retire(draft, command);
    }

    @Override
    public Verdict setMeshPolicy(Command.SetMeshPolicy command) {
        return MeshRules.setPolicy(draft, command);
    }

    @Override
    public Verdict setPresharedKeys(Command.SetPresharedKeys command) {
        return PresharedKeyRules.set(draft, command);
    }

    @Override
    public Verdict setHub(Command.SetHub command) {
        return MeshRules.setHub(draft, command);
    }

    @Override
    public Verdict offerRoutes(Command.OfferRoutes command) {
        return MeshRules.offer(draft, command);
    }

    @Override
    public Verdict approveRoutes(Command.ApproveRoutes command) {
        return MeshRules.approve(draft, command);
    }
}
