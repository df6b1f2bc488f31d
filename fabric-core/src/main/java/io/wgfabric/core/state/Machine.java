package io.wgfabric.core.state;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Revision;
import java.time.Instant;

/**
 * The one place where anything is decided: {@code (state, envelope) → (state, outcome)}, pure and total. Every applied
 * envelope but a repeat (and what finds the table of requests full) gives a new revision and one audit entry, whether it
 * was accepted or not.
 */
public final class Machine {

    private static final Rejection TOO_MANY = new Rejection(
            Reason.TOO_MANY_REQUESTS,
            "the cluster has too many requests to remember their answers; ask again in a minute");

    /** What one envelope makes of a state. */
    public record Result(State state, Outcome outcome) {}

    private Machine() {}

    /**
     * @param fingerprint SHA-256 of the envelope's actor and command as encoded, without time: what tells a repeat
     *     under the same request id from another command
     */
    public static Result apply(State state, Envelope envelope, Bytes fingerprint) {
        RequestTable.Answer known = state.requests().find(RequestTable.Asked.of(envelope));
        if (known != null) {
            return new Result(state, repeated(known, fingerprint, state.revision()));
        }
        Instant time = envelope.time().isAfter(state.time()) ? envelope.time() : state.time();
        if (state.requests().isFull(time)) {
            // Whoever asks again must get one answer only; without room to remember it there is none.
            return new Result(state, new Outcome.Rejected(state.revision(), TOO_MANY));
        }
        Draft draft = new Draft(state, state.revision().next(), time, envelope.actor());
        Verdict verdict = Permissions.check(draft, envelope.actor(), envelope.command());
        if (verdict.rejection() == null) {
            verdict = envelope.command().accept(new Rules(draft, envelope));
        }
        Rejection rejection = verdict.rejection();
        if (rejection != null) {
            // Whatever the rule had begun is dropped with the draft.
            draft = new Draft(state, draft.revision, time, envelope.actor());
        }
        Outcome outcome = rejection == null
                ? new Outcome.Accepted(draft.revision, draft.events)
                : new Outcome.Rejected(draft.revision, rejection);
        AuditChain audit = state.audit()
                .append(
                        draft.revision,
                        time,
                        envelope.actor(),
                        envelope.request(),
                        CommandNames.of(envelope.command()),
                        verdict.subject(),
                        rejection == null ? "accepted" : rejection.reason().slug(),
                        rejection == null ? verdict.detail() : rejection.message());
        RequestTable requests = state.requests().plus(RequestTable.Asked.of(envelope), fingerprint, outcome, time);
        return new Result(draft.toState(requests, audit), outcome);
    }

    private static Outcome repeated(RequestTable.Answer known, Bytes fingerprint, Revision revision) {
        if (known.fingerprint().equals(fingerprint)) {
            return known.outcome();
        }
        return new Outcome.Rejected(
                revision,
                new Rejection(
                        Reason.REQUEST_ID_REUSED,
                        "this request id was used for another request; use a new one for a new request"));
    }

    /** The stable names of commands, for audit and codec. */
    public static final class CommandNames implements Command.Visitor<String> {
        private static final CommandNames INSTANCE = new CommandNames();

        private CommandNames() {}

        public static String of(Command command) {
            return command.accept(INSTANCE);
        }

        @Override
        public String bootstrapCluster(Command.BootstrapCluster command) {
            return "bootstrap-cluster";
        }

        @Override
        public String createToken(Command.CreateToken command) {
            return "create-token";
        }

        @Override
        public String revokeToken(Command.RevokeToken command) {
            return "revoke-token";
        }

        @Override
        public String joinNode(Command.JoinNode command) {
            return "join-node";
        }

        @Override
        public String updateNode(Command.UpdateNode command) {
            return "update-node";
        }

        @Override
        public String removeNode(Command.RemoveNode command) {
            return "remove-node";
        }

        @Override
        public String quarantineNode(Command.QuarantineNode command) {
            return "quarantine-node";
        }

        @Override
        public String releaseNode(Command.ReleaseNode command) {
            return "release-node";
        }

        @Override
        public String rotateNodeKey(Command.RotateNodeKey command) {
            return "rotate-node-key";
        }

        @Override
        public String publishKey(Command.PublishKey command) {
            return "publish-key";
        }

        @Override
        public String advanceRotation(Command.AdvanceRotation command) {
            return "advance-rotation";
        }

        @Override
        public String recordRefusal(Command.RecordRefusal command) {
            return "record-refusal";
        }

        @Override
        public String raiseLevel(Command.RaiseLevel command) {
            return "raise-level";
        }

        @Override
        public String recoverCluster(Command.RecoverCluster command) {
            return "recover-cluster";
        }

        @Override
        public String rotateSealingKey(Command.RotateSealingKey command) {
            return "rotate-sealing-key";
        }

        @Override
        public String addPool(Command.AddPool command) {
            return "add-pool";
        }

        @Override
        public String reserveAddress(Command.ReserveAddress command) {
            return "reserve-address";
        }

        @Override
        public String releaseAddress(Command.ReleaseAddress command) {
            return "release-address";
        }

        @Override
        public String createOperator(Command.CreateOperator command) {
            return "create-operator";
        }

        @Override
        public String revokeOperator(Command.RevokeOperator command) {
            return "revoke-operator";
        }

        @Override
        public String approveNode(Command.ApproveNode command) {
            return "approve-node";
        }

        @Override
        public String endQuarantine(Command.EndQuarantine command) {
            return "end-quarantine";
        }

        @Override
        public String rotateSigningKey(Command.RotateSigningKey command) {
            return "rotate-signing-key";
        }

        @Override
        public String useSigningKey(Command.UseSigningKey command) {
            return "use-signing-key";
        }

        @Override
        public String retireSigningKey(Command.RetireSigningKey command) {
            return "retire-signing-key";
        }

        @Override
        public String setMeshPolicy(Command.SetMeshPolicy command) {
            return "set-mesh-policy";
        }

        @Override
        public String setPresharedKeys(Command.SetPresharedKeys command) {
            return "set-preshared-keys";
        }

        @Override
        public String setHub(Command.SetHub command) {
            return "set-hub";
        }

        @Override
        public String offerRoutes(Command.OfferRoutes command) {
            return "offer-routes";
        }

        @Override
        public String approveRoutes(Command.ApproveRoutes command) {
            return "approve-routes";
        }
    }
}
