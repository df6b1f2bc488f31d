package io.wgfabric.core.state;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Rejection.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what, checked against the replicated state inside the machine, so that a removed node's or operator's
 * command that was already on its way is refused too.
 *
 * <p>A node may change itself alone. A token may join. Operators and managers may change everything but what is for
 * admins (the keys, the pools, the operators); what is left to the fabric itself (bootstrapping, advancing a rotation)
 * nobody else may ask for, and for a recovery not even an application.
 */
final class Permissions {

    /**
     * Whom a command is about, and what it takes to ask for it.
     *
     * @param access what an operator needs at least; managers have that of {@link Access#OPERATOR}
     */
    private record Need(
            Object subject,
            @Nullable NodeId self,
            boolean operators,
            boolean tokens,
            Access access,
            boolean systemAlone) {
        Need(Object subject, @Nullable NodeId self, boolean operators, boolean tokens) {
            this(subject, self, operators, tokens, Access.OPERATOR, false);
        }
    }

    private Permissions() {}

    static Verdict check(Draft draft, Actor actor, Command command) {
        Need need = command.accept(new Needs());
        boolean bootstrap = command instanceof Command.BootstrapCluster;
        if (draft.cluster == null && !bootstrap) {
            return Verdict.refused(
                    need.subject(), Reason.NOT_BOOTSTRAPPED, "there is no cluster yet: fabric server init");
        }
        if (isAllowed(draft, actor, need)) {
            Verdict tooLow = LevelRules.refusalOf(draft, need.subject(), command);
            return tooLow == null ? Verdict.accepted(need.subject(), "") : tooLow;
        }
        return Verdict.refused(need.subject(), Reason.NOT_ALLOWED, "this credential may not do that; use one that may");
    }

    private static boolean isAllowed(Draft draft, Actor actor, Need need) {
        return switch (actor.kind()) {
            case SYSTEM -> true;
            case APPLICATION -> !need.systemAlone();
            case OPERATOR -> need.operators() && isOperator(draft, actor.id(), need.access());
            case MANAGER ->
                isSelf(actor, need)
                        || (need.operators() && need.access() == Access.OPERATOR && isActiveManager(draft, actor.id()));
            case PEER -> isSelf(actor, need);
            case TOKEN -> need.tokens();
        };
    }

    private static boolean isSelf(Actor actor, Need need) {
        return need.self() != null && need.self().text().equals(actor.id());
    }

    private static boolean isOperator(Draft draft, String id, Access least) {
        Operator operator = OperatorId.isValid(id) ? draft.operators.get(new OperatorId(id)) : null;
        return operator != null && operator.access().compareTo(least) >= 0;
    }

    private static boolean isActiveManager(Draft draft, String id) {
        Node node = NodeId.isValid(id) ? draft.nodes.get(new NodeId(id)) : null;
        return node != null && node.isManager() && node.isActive();
    }

    private static final class Needs implements Command.Visitor<Need> {

        private static Need system(Object subject) {
            return new Need(subject, null, false, false);
        }

        private static Need operators(Object subject) {
            return new Need(subject, null, true, false);
        }

        private static Need admins(Object subject) {
            return new Need(subject, null, true, false, Access.ADMIN, false);
        }

        private static Need operatorsOrSelf(NodeId node) {
            return new Need(node, node, true, false);
        }

        private static Need self(NodeId node) {
            return new Need(node, node, false, false);
        }

        @Override
        public Need bootstrapCluster(Command.BootstrapCluster command) {
            return system(command.cluster());
        }

        @Override
        public Need createToken(Command.CreateToken command) {
            return operators(command.token());
        }

        @Override
        public Need revokeToken(Command.RevokeToken command) {
            return operators(command.token());
        }

        @Override
        public Need joinNode(Command.JoinNode command) {
            return new Need(command.node(), null, false, true);
        }

        @Override
        public Need updateNode(Command.UpdateNode command) {
            return self(command.node());
        }

        @Override
        public Need removeNode(Command.RemoveNode command) {
            return operatorsOrSelf(command.node());
        }

        @Override
        public Need quarantineNode(Command.QuarantineNode command) {
            return operators(command.node());
        }

        @Override
        public Need releaseNode(Command.ReleaseNode command) {
            return operators(command.node());
        }

        @Override
        public Need rotateNodeKey(Command.RotateNodeKey command) {
            return operatorsOrSelf(command.node());
        }

        @Override
        public Need publishKey(Command.PublishKey command) {
            return self(command.node());
        }

        @Override
        public Need advanceRotation(Command.AdvanceRotation command) {
            return system(command.node());
        }

        @Override
        public Need recordRefusal(Command.RecordRefusal command) {
            return system(command.subject());
        }

        @Override
        public Need raiseLevel(Command.RaiseLevel command) {
            return system("level " + command.level());
        }

        @Override
        public Need recoverCluster(Command.RecoverCluster command) {
            return new Need(command.survivor(), null, false, false, Access.OPERATOR, true);
        }

        @Override
        public Need rotateSealingKey(Command.RotateSealingKey command) {
            return admins("generation " + command.generation());
        }

        @Override
        public Need addPool(Command.AddPool command) {
            return admins(command.pool());
        }

        @Override
        public Need reserveAddress(Command.ReserveAddress command) {
            return operators(command.address());
        }

        @Override
        public Need releaseAddress(Command.ReleaseAddress command) {
            return operators(command.address());
        }

        @Override
        public Need createOperator(Command.CreateOperator command) {
            return admins(command.operator().id());
        }

        @Override
        public Need revokeOperator(Command.RevokeOperator command) {
            return admins(command.operator());
        }

        @Override
        public Need approveNode(Command.ApproveNode command) {
            return operators(command.node());
        }

        @Override
        public Need endQuarantine(Command.EndQuarantine command) {
            return system(command.node());
        }

        @Override
        public Need rotateSigningKey(Command.RotateSigningKey command) {
            return admins(SigningRules.subject(command.key(), command.generation()));
        }

        @Override
        public Need useSigningKey(Command.UseSigningKey command) {
            return system(SigningRules.subject(command.key(), command.generation()));
        }

        @Override
        public Need retireSigningKey(Command.RetireSigningKey command) {
            return admins(SigningRules.subject(command.key(), command.generation()));
        }

        @Override
        public Need setMeshPolicy(Command.SetMeshPolicy command) {
            return admins("mesh");
        }

        @Override
        public Need setPresharedKeys(Command.SetPresharedKeys command) {
            return admins("pre-shared keys");
        }

        @Override
        public Need setHub(Command.SetHub command) {
            return operators(command.node());
        }

        @Override
        public Need offerRoutes(Command.OfferRoutes command) {
            return self(command.node());
        }

        @Override
        public Need approveRoutes(Command.ApproveRoutes command) {
            return operators(command.node());
        }
    }
}
