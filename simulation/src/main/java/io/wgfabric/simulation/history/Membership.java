package io.wgfabric.simulation.history;

import org.jspecify.annotations.Nullable;

/** A node from its join on: once removed it never comes back. */
public final class Membership implements Model<Membership.State, Membership.Ask, Membership.Answer> {

    /** Where a node stands. */
    public enum State {
        ABSENT,
        ACTIVE,
        QUARANTINED,
        REMOVED
    }

    /** What is asked about a node. */
    public enum Ask {
        JOIN,
        QUARANTINE,
        RELEASE,
        REMOVE,
        LOOK
    }

    /** What is answered. */
    public enum Answer {
        DONE,
        WRONG_STATE,
        UNKNOWN,
        SEEN_ACTIVE,
        SEEN_QUARANTINED
    }

    @Override
    public State initial() {
        return State.ABSENT;
    }

    @Override
    public @Nullable State step(State state, Ask input, @Nullable Answer output) {
        Answer right = answer(state, input);
        if (output != null && output != right) {
            return null;
        }
        return right == Answer.DONE ? after(input) : state;
    }

    private static Answer answer(State state, Ask input) {
        boolean member = state == State.ACTIVE || state == State.QUARANTINED;
        return switch (input) {
            case JOIN -> state == State.ABSENT ? Answer.DONE : Answer.WRONG_STATE;
            case REMOVE -> member ? Answer.DONE : Answer.UNKNOWN;
            case QUARANTINE -> !member ? Answer.UNKNOWN : state == State.ACTIVE ? Answer.DONE : Answer.WRONG_STATE;
            case RELEASE -> !member ? Answer.UNKNOWN : state == State.QUARANTINED ? Answer.DONE : Answer.WRONG_STATE;
            case LOOK ->
                !member ? Answer.UNKNOWN : state == State.ACTIVE ? Answer.SEEN_ACTIVE : Answer.SEEN_QUARANTINED;
        };
    }

    private static State after(Ask input) {
        return switch (input) {
            case JOIN, RELEASE -> State.ACTIVE;
            case QUARANTINE -> State.QUARANTINED;
            case REMOVE -> State.REMOVED;
            case LOOK -> throw new IllegalArgumentException("a look changes nothing");
        };
    }
}
