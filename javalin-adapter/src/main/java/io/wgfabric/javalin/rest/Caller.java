package io.wgfabric.javalin.rest;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Edition;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Operator;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Who asks, as found out once at the door. */
sealed interface Caller {

    /** The network address it asks from. */
    String from();

    /** How it stands in the audit chain. */
    Actor actor();

    /**
     * Shows nothing, or nothing that this cluster knows.
     *
     * @param why what was shown is worth nothing; null if nothing was shown
     */
    record Nobody(String from, @Nullable String why) implements Caller {
        @Override
        public Actor actor() {
            throw new IllegalStateException("nobody may ask for this");
        }
    }

    /**
     * A member, as the replicated state has it now; it may be quarantined.
     *
     * @param asOf the state that says so, which may lag behind what others know
     */
    record Member(Node node, Edition asOf, String from) implements Caller {
        @Override
        public Actor actor() {
            return new Actor(
                    node.isManager() ? Actor.Kind.MANAGER : Actor.Kind.PEER,
                    node.id().text(),
                    from);
        }
    }

    /**
     * Has a genuine certificate of a node that is no member any more.
     *
     * @param cause why it was removed; null if that is not known
     * @param asOf the state that does not have it: one that lags behind does not have it yet
     */
    record Removed(NodeId node, @Nullable String cause, Edition asOf, String from) implements Caller {
        @Override
        public Actor actor() {
            throw new IllegalStateException("a removed node may ask for nothing");
        }
    }

    /**
     * A member with a genuine certificate that has expired, not too long ago to ask for the next one.
     *
     * @param asOf the state that has the node so
     */
    record Lapsed(Node node, Instant expired, Edition asOf, String from) implements Caller {
        @Override
        public Actor actor() {
            throw new IllegalStateException("an expired certificate changes nothing");
        }
    }

    /** Has an operator's credential. */
    record Credentialed(Operator operator, String from) implements Caller {
        @Override
        public Actor actor() {
            return new Actor(Actor.Kind.OPERATOR, operator.id().text(), from);
        }
    }
}
