package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.RaftCore;
import io.wgfabric.jgroups.stack.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Makes actions happen in a world. What cannot happen at the moment does not. */
final class Director {
    private final World world;
    private final Profile profile;

    Director(World world) {
        this.world = world;
        this.profile = world.profile();
    }

    void happen(Action action) {
        SplittableRandom dice = new SplittableRandom(action.seed());
        world.trace().add(action.kind().name());
        world.pass(dice.nextInt(profile.pace()));
        switch (action.kind()) {
            case DELIVER -> deliver(world.pick(dice), everybody(), dice);
            case TICK -> tick(world.pick(dice), dice);
            case SUBMIT -> submit(dice);
            case READ -> ask(dice, (member, process) -> world.clients().read(member, process));
            case CHANGE -> change(dice);
            case SNAPSHOT -> ask(dice, (member, process) -> process.takeSnapshot());
            case TRANSFER -> transfer(dice);
            case CRASH -> crash(dice);
            case START -> start(dice);
            case CUT -> cut(dice);
            case HEAL -> heal();
            case DISK_ERROR -> world.pick(dice).disk().failIn(1 + dice.nextInt(6));
            case REPLACE -> world.replace(world.pick(dice), dice);
            case ELECT -> elect(dice);
            case LONE_LEADER -> loneLeader(dice);
            case AGENT -> world.fabric().agents().happen(world, dice);
        }
    }

    /** Something that is asked of a process. */
    private interface Asking {
        void ask(SimulatedMember member, SimulatedProcess process);
    }

    private int fuse(SplittableRandom dice) {
        return dice.nextInt(profile.crashRarity()) == 0 ? 1 + dice.nextInt(14) : 0;
    }

    private Set<String> everybody() {
        Set<String> all = new TreeSet<>();
        world.members().forEach(member -> all.add(member.id()));
        return all;
    }

    private void deliver(SimulatedMember member, Set<String> senders, SplittableRandom dice) {
        if (!member.isUp()) {
            return;
        }
        int count = 1 + dice.nextInt(4);
        member.run(0, dice, process -> {
            for (int i = 0; i < count; i++) {
                boolean shuffled = dice.nextInt(profile.shuffleRarity()) == 0;
                boolean again = dice.nextInt(profile.lossRarity()) == 0;
                boolean gone = dice.nextInt(profile.lossRarity()) == 0;
                SimulatedNetwork.Flying flying = world.network().take(member.id(), senders, dice, shuffled, again);
                if (flying != null && !gone) {
                    process.receive(flying);
                }
            }
        });
        world.step(member, fuse(dice), dice);
    }

    private void tick(SimulatedMember member, SplittableRandom dice) {
        member.run(0, dice, process -> process.requests().tick());
        world.step(member, fuse(dice), dice);
    }

    private void submit(SplittableRandom dice) {
        SimulatedMember leader = world.leader();
        SimulatedMember asked = leader != null && dice.nextInt(3) > 0 ? leader : world.pick(dice);
        int count = 1 + dice.nextInt(3);
        asked.run(0, dice, process -> {
            for (int i = 0; i < count; i++) {
                world.clients().submit(asked, process, dice);
            }
        });
        world.step(asked, fuse(dice), dice);
    }

    private void ask(SplittableRandom dice, Asking asking) {
        SimulatedMember member = world.pickUp(dice);
        if (member != null) {
            member.run(0, dice, process -> asking.ask(member, process));
            world.step(member, fuse(dice), dice);
        }
    }

    /** An operator who minds the quorum: who is to go leaves a majority that lives. */
    private void change(SplittableRandom dice) {
        SimulatedMember subject = world.pick(dice);
        boolean add = dice.nextInt(3) > 0;
        ask(dice, (member, process) -> changeBy(process, subject, add));
    }

    private void changeBy(SimulatedProcess process, SimulatedMember subject, boolean add) {
        Configuration rest = process.core().configuration().without(subject.id());
        long live = rest.voters().stream().filter(world::isLive).count();
        if (add && !subject.isLost()) {
            world.clients().change(process, Question.Kind.ADD_VOTER, subject.id());
        } else if (!add && live >= rest.majority()) {
            world.clients().change(process, Question.Kind.REMOVE_VOTER, subject.id());
        }
    }

    private void transfer(SplittableRandom dice) {
        SimulatedMember leader = world.leader();
        if (leader != null) {
            String target = dice.nextBoolean() ? null : world.pick(dice).id();
            leader.run(0, dice, process -> process.offer(new Event.Transfer(target)));
            world.step(leader, fuse(dice), dice);
        }
    }

    private void crash(SplittableRandom dice) {
        SimulatedMember member = world.pick(dice);
        if (!member.isLost()) {
            member.end(dice.nextBoolean(), dice);
        }
    }

    private void start(SplittableRandom dice) {
        SimulatedMember member = world.pick(dice);
        for (int i = 0; i < 3 && (member.isUp() || member.isLost()); i++) {
            member = world.pick(dice);
        }
        if (!member.isUp() && !member.isLost()) {
            member.start(dice.nextInt(6) == 0 ? 1 + dice.nextInt(10) : 0, dice);
            world.clients().settle();
            world.tellConnected();
        }
    }

    /** Either an island, from which or to which nothing goes, or one direction between two members. */
    private void cut(SplittableRandom dice) {
        if (dice.nextInt(3) == 0) {
            world.network().cut(world.pick(dice).id(), world.pick(dice).id());
        } else {
            Set<String> island = subset(dice);
            boolean in = dice.nextInt(4) > 0;
            boolean out = !in || dice.nextInt(4) > 0;
            for (String inside : island) {
                for (String outside : everybody()) {
                    if (!island.contains(outside)) {
                        if (out) {
                            world.network().cut(inside, outside);
                        }
                        if (in) {
                            world.network().cut(outside, inside);
                        }
                    }
                }
            }
        }
        world.tellConnected();
    }

    private Set<String> subset(SplittableRandom dice) {
        Set<String> found = new TreeSet<>();
        for (String id : everybody()) {
            if (dice.nextBoolean()) {
                found.add(id);
            }
        }
        return found;
    }

    private void heal() {
        world.network().heal();
        world.tellConnected();
    }

    /** Silence, then one campaigns, and a part of the members talks for a while, to whatever point it comes. */
    private void elect(SplittableRandom dice) {
        SimulatedMember candidate = world.pick(dice);
        for (int i = 0; i < 4 && !candidate.holding().configuration().has(candidate.id()); i++) {
            candidate = world.pick(dice); // rather one that may be elected
        }
        if (!candidate.isUp()) {
            candidate.start(0, dice);
            world.tellConnected();
        }
        SimulatedMember before = world.leader();
        List<String> circle = circle(candidate, before, dice);
        long election = profile.settings().electionMillis();
        world.pass(election + dice.nextLong(election));
        tick(candidate, dice);
        talk(circle, 4 + dice.nextInt(40), candidate, dice);
        if (isLeader(candidate)) {
            huddle(candidate, dice.nextBoolean() ? circle : someWith(candidate, dice), dice);
            if (before != null && before != candidate && dice.nextBoolean()) {
                staleRead(before, circle, dice);
            }
        }
    }

    /** The new leader commits, and the old one, which may not have heard of it, is asked for a read. */
    private void staleRead(SimulatedMember before, List<String> circle, SplittableRandom dice) {
        talk(circle, 16, null, dice);
        before.run(0, dice, process -> world.clients().read(before, process));
        world.step(before, 0, dice);
    }

    /** The fewest that can elect the candidate against a leader, or any. */
    private List<String> circle(SimulatedMember candidate, @Nullable SimulatedMember leader, SplittableRandom dice) {
        List<String> circle = new ArrayList<>(subset(dice));
        SimulatedProcess process = candidate.process();
        if (process != null && dice.nextInt(3) > 0) {
            Configuration voters = process.core().configuration();
            circle = new ArrayList<>(voters.voters());
            circle.remove(candidate.id());
            if (leader != null) {
                circle.remove(leader.id());
            }
            while (circle.size() >= voters.majority() && !circle.isEmpty()) {
                circle.remove(dice.nextInt(circle.size()));
            }
        }
        circle.remove(candidate.id());
        circle.add(candidate.id());
        return circle;
    }

    private static boolean isLeader(SimulatedMember member) {
        SimulatedProcess process = member.process();
        return process != null && process.core().role() == RaftCore.Role.LEADER;
    }

    /** Messages within a circle, until there are no more or the candidate leads. */
    private void talk(List<String> circle, int messages, @Nullable SimulatedMember candidate, SplittableRandom dice) {
        Set<String> senders = new TreeSet<>(circle);
        int idle = 0;
        for (int i = 0; i < messages && idle < 8; i++) {
            SimulatedMember member = world.member(circle.get(dice.nextInt(circle.size())));
            if (member != null && member.isUp() && world.network().waiting(member.id()) > 0) {
                idle = 0;
                deliver(member, senders, dice);
            } else {
                idle++;
            }
            if (candidate != null && isLeader(candidate)) {
                return;
            }
        }
    }

    private void loneLeader(SplittableRandom dice) {
        SimulatedMember leader = world.leader();
        if (leader != null) {
            huddle(leader, someWith(leader, dice), dice);
        }
    }

    private List<String> someWith(SimulatedMember leader, SplittableRandom dice) {
        List<String> circle = new ArrayList<>();
        circle.add(leader.id());
        for (int i = dice.nextInt(4); i > 0; i--) {
            circle.add(world.pick(dice).id());
        }
        return circle;
    }

    /** A leader is asked for something, and only a few others hear of it, if any; then perhaps it ends. */
    private void huddle(SimulatedMember leader, List<String> circle, SplittableRandom dice) {
        leader.run(0, dice, process -> {
            for (int i = dice.nextInt(3); i > 0; i--) {
                world.clients().submit(leader, process, dice);
            }
            for (int i = Math.max(0, dice.nextInt(5) - 2); i > 0; i--) {
                changeBy(process, world.pick(dice), dice.nextInt(3) > 0);
            }
        });
        world.step(leader, 0, dice);
        talk(circle, dice.nextInt(3) * dice.nextInt(14), null, dice);
        if (dice.nextInt(3) == 0) {
            leader.end(dice.nextBoolean(), dice);
        }
    }
}
