package io.wgfabric.simulation.history;

import org.jspecify.annotations.Nullable;

/** An address that at most one holds, and that nobody gets for a long time after its holder has gone. */
public final class AddressLease implements Model<AddressLease.Lease, AddressLease.Ask, AddressLease.Answer> {

    /** @param holder null while nobody has it */
    public record Lease(@Nullable String holder, boolean resting) {}

    /** What is asked. */
    public sealed interface Ask {}

    /** Asked again by who has it, this is a repeat. */
    public record Take(String holder) implements Ask {}

    public record GiveBack(String holder) implements Ask {}

    public record Look() implements Ask {}

    /** What is answered. */
    public sealed interface Answer {}

    public record Done() implements Answer {}

    /** Another has it, or it rests; or who gives it back does not have it. */
    public record Refused() implements Answer {}

    public record Held(@Nullable String holder) implements Answer {}

    @Override
    public Lease initial() {
        return new Lease(null, false);
    }

    @Override
    public @Nullable Lease step(Lease lease, Ask input, @Nullable Answer output) {
        if (input instanceof Take take) {
            boolean free = lease.holder() == null && !lease.resting();
            boolean done = free || take.holder().equals(lease.holder());
            return allowed(output, done ? new Done() : new Refused())
                    ? (free ? new Lease(take.holder(), false) : lease)
                    : null;
        }
        if (input instanceof GiveBack back) {
            boolean done = back.holder().equals(lease.holder());
            return allowed(output, done ? new Done() : new Refused()) ? (done ? new Lease(null, true) : lease) : null;
        }
        return allowed(output, new Held(lease.holder())) ? lease : null;
    }

    private static boolean allowed(@Nullable Answer told, Answer right) {
        return told == null || told.equals(right);
    }
}
