package io.wgfabric.api;

import java.util.List;

/** What became of a command. */
public sealed interface Outcome {

    /** The revision at which it was decided. */
    Revision revision();

    /** @return this, if it was accepted
     * @throws RejectedException if it was refused */
    Accepted orThrow();

    /** It took effect, whole. */
    record Accepted(Revision revision, List<Event> events) implements Outcome {
        public Accepted {
            events = List.copyOf(events);
        }

        @Override
        public Accepted orThrow() {
            return this;
        }
    }

    /** It changed nothing. */
    record Rejected(Revision revision, Rejection rejection) implements Outcome {
        @Override
        public Accepted orThrow() {
            throw new RejectedException(rejection);
        }
    }
}
