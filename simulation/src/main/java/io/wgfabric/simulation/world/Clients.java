package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.stack.Question;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Callers of members. What they are told is checked after the step that told it, outside of the process: an
 * acknowledged command is committed, in the log once, and a read misses nothing that was committed before it began.
 */
final class Clients {
    private static final Duration PATIENCE = Duration.ofMillis(1_500);

    private final World world;
    private final ArrayDeque<Runnable> told = new ArrayDeque<>();
    /** Where in the log each command of a few bytes is. */
    private final Map<Long, Long> places = new HashMap<>();

    private long scanned;
    private long commands;
    private int acknowledged;
    private int reads;
    private int changes;

    Clients(World world) {
        this.world = world;
    }

    int acknowledged() {
        return acknowledged;
    }

    int reads() {
        return reads;
    }

    int changes() {
        return changes;
    }

    /** Asks a member for a command; to be called from within its process. */
    void submit(SimulatedMember member, SimulatedProcess process, SplittableRandom dice) {
        if (world.profile().whole()) {
            world.fabric().submit(world, process, member.id(), dice, told);
            return;
        }
        long number = ++commands;
        byte[] command =
                ByteBuffer.allocate(8 + dice.nextInt(12)).putLong(number).array();
        CompletableFuture<byte[]> unused = process.requests()
                .append(command, PATIENCE)
                .whenComplete((answer, failure) -> {
                    if (failure == null) {
                        told.add(() -> acknowledged(number));
                    }
                });
    }

    private void acknowledged(long number) {
        acknowledged++;
        scan();
        Violation.unless(places.containsKey(number), "command " + number + " was acknowledged but is not committed");
    }

    /** A command that was asked for once is in the log at most once, however often it was sent. */
    private void scan() {
        RaftChecker raft = world.raft();
        while (scanned < raft.highest()) {
            Entry entry = raft.committedAt(++scanned);
            if (entry.kind() == Entry.Kind.COMMAND) {
                Long other = places.put(ByteBuffer.wrap(entry.data()).getLong(), scanned);
                Violation.unless(other == null, "the command at " + other + " is at " + scanned + " once more");
            }
        }
    }

    void read(SimulatedMember member, SimulatedProcess process) {
        long atLeast = world.raft().highest();
        long revision = world.fabric().acknowledged();
        CompletableFuture<Void> unused = process.requests()
                .ask(Question.Kind.READ, "", PATIENCE)
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        long applied = process.applier().applied();
                        long seen = process.replica().state().revision().number();
                        told.add(() -> {
                            readDone(member.id(), applied, atLeast);
                            Violation.unless(
                                    seen >= revision, "a read at " + member.id() + " missed revision " + revision);
                        });
                    }
                });
    }

    private void readDone(String member, long applied, long atLeast) {
        reads++;
        Violation.unless(
                applied >= atLeast,
                "a read at " + member + " saw entry " + applied + " but " + atLeast + " was committed before");
    }

    /** Asks for a change of the voters. */
    void change(SimulatedProcess process, Question.Kind kind, String subject) {
        CompletableFuture<Void> unused = process.requests()
                .ask(kind, subject, PATIENCE)
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        changes++;
                    }
                });
    }

    /** Checks what was told in the step that is over. */
    void settle() {
        Runnable next = told.poll();
        while (next != null) {
            next.run();
            next = told.poll();
        }
    }

    /** Whoever waits for this member will never hear from it. */
    void ended(String member) {
        if (world.profile().whole()) {
            world.fabric().ended(member);
            world.fabric().agents().ended(member);
        }
    }

    /** At the end. */
    void finish() {
        if (!world.profile().whole()) {
            scan();
        }
    }
}
