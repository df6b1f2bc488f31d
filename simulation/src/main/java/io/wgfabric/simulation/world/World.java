package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.RaftCore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Members, network and clock of one run, and who checks them. Not thread-safe; as many as you like beside each other. */
final class World {
    private static final int MOST_MEMBERS = 8;

    private final Profile profile;
    private final SplittableRandom random;
    private final Trace trace = new Trace();
    private final SimulatedNetwork network = new SimulatedNetwork(trace);
    private final RaftChecker raft;
    private final TreeMap<String, SimulatedMember> members = new TreeMap<>();
    private final Configuration founders;
    private final Fabric fabric;
    private final Clients clients;
    private long now;
    private int crashes;

    World(Scenario scenario) {
        profile = scenario.profile();
        random = new SplittableRandom(scenario.seed() ^ 0x5bd1e995L);
        List<String> voters = new ArrayList<>();
        for (int i = 0; i < profile.founders(); i++) {
            voters.add("m" + i);
        }
        founders = Configuration.of(voters);
        raft = new RaftChecker(Entry.configuration(1, 1, founders));
        fabric = new Fabric();
        clients = new Clients(this);
        for (int i = 0; i < profile.members(); i++) {
            add();
        }
        for (SimulatedMember member : members.values()) {
            member.start(0, random);
        }
        tellConnected();
    }

    private SimulatedMember add() {
        String id = "m" + members.size();
        SimulatedMember member = new SimulatedMember(id, this, founders.has(id), random.nextLong());
        members.put(id, member);
        network.add(id);
        return member;
    }

    Profile profile() {
        return profile;
    }

    Configuration founders() {
        return founders;
    }

    SimulatedNetwork network() {
        return network;
    }

    RaftChecker raft() {
        return raft;
    }

    Fabric fabric() {
        return fabric;
    }

    Clients clients() {
        return clients;
    }

    Trace trace() {
        return trace;
    }

    Collection<SimulatedMember> members() {
        return members.values();
    }

    @Nullable SimulatedMember member(String id) {
        return members.get(id);
    }

    WorldReplica newReplica(String member) {
        return profile.whole() ? new FabricReplica(member, fabric, raft) : new OpaqueReplica(member, raft);
    }

    long now() {
        return now;
    }

    int crashes() {
        return crashes;
    }

    void pass(long millis) {
        now += millis;
    }

    /** A process has ended. */
    void ended(SimulatedMember member) {
        crashes++;
        trace.add("end " + member.id());
        clients.ended(member.id());
    }

    /** Who has this entry on disk, whoever is up; what a lost disk had was there in its time. */
    Set<String> holders(long index, long term) {
        Set<String> holders = new TreeSet<>();
        for (SimulatedMember member : members.values()) {
            if (member.holding().holds(index, term)) {
                holders.add(member.id());
            }
        }
        return holders;
    }

    SimulatedMember pick(SplittableRandom dice) {
        return Objects.requireNonNull(members.get("m" + dice.nextInt(members.size())));
    }

    /** A member that runs, if one is found at once. */
    @Nullable SimulatedMember pickUp(SplittableRandom dice) {
        SimulatedMember found = pick(dice);
        for (int i = 0; i < 3 && !found.isUp(); i++) {
            found = pick(dice);
        }
        return found.isUp() ? found : null;
    }

    @Nullable SimulatedMember leader() {
        SimulatedMember found = null;
        for (SimulatedMember member : members.values()) {
            SimulatedProcess process = member.process();
            if (process != null
                    && process.core().role() == RaftCore.Role.LEADER
                    && (found == null || process.core().term() > term(found))) {
                found = member;
            }
        }
        return found;
    }

    private static long term(SimulatedMember member) {
        SimulatedProcess process = member.process();
        return process == null ? 0 : process.core().term();
    }

    /** Lets the threads of a process run; the slower ones may lag behind. */
    void step(SimulatedMember member, int fuse, SplittableRandom dice) {
        member.run(fuse, dice, process -> {
            process.step();
            if (dice.nextInt(8) != 0) {
                process.apply();
            }
            if (dice.nextInt(4) != 0) {
                process.write();
            }
        });
        clients.settle();
    }

    void tellConnected() {
        for (SimulatedMember member : members.values()) {
            TreeSet<String> reachable = new TreeSet<>();
            for (SimulatedMember other : members.values()) {
                if (other.isUp()
                        && !network.isCut(member.id(), other.id())
                        && !network.isCut(other.id(), member.id())) {
                    reachable.add(other.id());
                }
            }
            SimulatedProcess process = member.process();
            if (process != null) {
                process.connected(reachable);
            }
        }
    }

    /**
     * Loses a disk, if the others can still be a majority: in every configuration that is or may yet be in force. A new
     * member comes, with an id of its own.
     */
    void replace(SimulatedMember victim, SplittableRandom dice) {
        if (members.size() >= MOST_MEMBERS || victim.isLost()) {
            return;
        }
        for (SimulatedMember member : members.values()) {
            Configuration voters = member.holding().configuration();
            long left = voters.voters().stream()
                    .filter(id -> !id.equals(victim.id()) && !isLost(id))
                    .count();
            if (!voters.isEmpty() && left < voters.majority()) {
                return;
            }
        }
        trace.add("lose " + victim.id());
        victim.lose(dice);
        add().start(0, dice);
        tellConnected();
    }

    boolean isLive(String id) {
        return members.containsKey(id) && !isLost(id);
    }

    /** Whether the operator was careful enough: a removal that was long on its way may have met a lost disk. */
    boolean canRecover() {
        for (SimulatedMember member : members.values()) {
            Configuration voters = member.holding().configuration();
            long live = voters.voters().stream().filter(this::isLive).count();
            if (!voters.isEmpty() && live < voters.majority()) {
                return false;
            }
        }
        return true;
    }

    private boolean isLost(String id) {
        SimulatedMember member = members.get(id);
        return member != null && member.isLost();
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        for (SimulatedMember member : members.values()) {
            text.append('\n');
            SimulatedProcess process = member.process();
            text.append(process == null ? member.id() + (member.isLost() ? " lost" : " down") : process.toString());
        }
        return text.toString();
    }
}
