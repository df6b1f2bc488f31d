package io.wgfabric.jgroups.raft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A cluster in one thread, driven by one seed: messages that are reordered, repeated and lost, members that crash at
 * every point of carrying effects out, partitions, changes of the voters, snapshots, transfers, reads.
 */
final class World {
    static final Settings SETTINGS = new Settings(100, 20, 4, 200, 3, 10_000, 1 << 16);

    private record Flying(String from, String to, Message message) {}

    private record Read(long atLeast) {}

    final SplittableRandom random;
    final Checker checker = new Checker();
    private final TreeMap<String, SimulatedMember> members = new TreeMap<>();
    private final List<Flying> air = new ArrayList<>();
    private final Set<String> cut = new HashSet<>();
    private boolean rough = true;
    private long now;
    private long request;
    private final int pace;
    private final int changeRate;
    private final int snapshotRarity;
    private final int crashRate;
    private final int partitionRate;
    private final int lossRarity;
    private final int crashRarity;
    private int changes;

    World(long seed) {
        random = new SplittableRandom(seed);
        pace = 2 + random.nextInt(20);
        changeRate = random.nextInt(35);
        snapshotRarity = 1 + random.nextInt(12);
        crashRate = random.nextInt(12);
        partitionRate = random.nextInt(8);
        lossRarity = 4 + random.nextInt(30);
        crashRarity = 20 + random.nextInt(300);
        int size = 3 + random.nextInt(3);
        TreeSet<String> founders = new TreeSet<>();
        int voters = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(size);
        for (int i = 0; i < size; i++) {
            SimulatedMember member = new SimulatedMember("m" + i, this);
            members.put(member.id, member);
            if (i < voters) {
                founders.add(member.id);
            }
        }
        for (String id : founders) {
            Objects.requireNonNull(members.get(id)).disk.bootstrap(Configuration.of(founders));
        }
        members.values().forEach(this::start);
    }

    long now() {
        return now;
    }

    int changes() {
        return changes;
    }

    long highest() {
        return checker.highest();
    }

    void send(String from, String to, Message message) {
        if (air.size() < 300) {
            air.add(new Flying(from, to, MessageCodec.decode(ByteBuffer.wrap(MessageCodec.encode(message)))));
        }
    }

    /** An acknowledged command is on the disks of a majority, whoever is up. */
    void checkMajorityHolds(Entry entry, Configuration configuration) {
        TreeSet<String> holders = new TreeSet<>();
        for (SimulatedMember member : members.values()) {
            if (member.disk.holds(entry.index(), entry.term())) {
                holders.add(member.id);
            }
        }
        Checker.check(
                configuration.hasMajority(holders),
                "entry " + entry.index() + " is committed with only " + holders + " of " + configuration);
    }

    void answered(Effects.Answer answer) {
        if (answer.refusal() != null) {
            return;
        }
        if (answer.token() instanceof Read read) {
            Checker.check(answer.index() >= read.atLeast(), "a read missed entry " + read.atLeast());
        } else {
            changes++;
        }
    }

    /** One random thing happens; how often which, is the seed's too. */
    void happen() {
        now += random.nextInt(pace);
        int dice = random.nextInt(1000);
        if (dice < 600) {
            deliver();
        } else if (dice < 800) {
            step(pick(), List.of());
        } else if (dice < 900) {
            propose(pick());
        } else if (dice < 915) {
            step(pick(), List.of(new Event.Read(pick().id, new Read(checker.highest()))));
        } else if (dice < 915 + changeRate) {
            step(pick(), List.of(new Event.Change(pick().id, random.nextInt(3) > 0, "change")));
        } else if (dice < 960) {
            SimulatedMember member = pick();
            if (member.isUp() && random.nextInt(snapshotRarity) == 0) {
                member.snapshot(random.nextInt(4));
            }
        } else if (dice < 965) {
            step(pick(), List.of(new Event.Transfer(random.nextBoolean() ? null : pick().id)));
        } else if (dice < 965 + crashRate) {
            pick().crash();
        } else if (dice < 990) {
            start(pick());
        } else if (dice < 990 + partitionRate) {
            partition();
        } else if (random.nextInt(3) == 0) {
            cut.clear();
            tellConnected();
        }
    }

    private SimulatedMember pick() {
        int number = random.nextInt(members.size());
        return Objects.requireNonNull(members.get("m" + number));
    }

    private void start(SimulatedMember member) {
        if (!member.isUp()) {
            member.start();
            tellConnected();
        }
    }

    private void tellConnected() {
        for (SimulatedMember member : members.values()) {
            TreeSet<String> reachable = new TreeSet<>();
            for (SimulatedMember other : members.values()) {
                if (other.isUp() && !isCut(member.id, other.id)) {
                    reachable.add(other.id);
                }
            }
            if (member.isUp()) {
                member.step(List.of(new Event.Connected(reachable)), SimulatedMember.CRASH_POINTS);
            }
        }
    }

    private void partition() {
        cut.clear();
        TreeSet<String> island = new TreeSet<>();
        members.keySet().forEach(id -> {
            if (random.nextBoolean()) {
                island.add(id);
            }
        });
        for (String one : island) {
            for (String other : members.keySet()) {
                if (!island.contains(other)) {
                    cut.add(one + other);
                    cut.add(other + one);
                }
            }
        }
        tellConnected();
    }

    private boolean isCut(String one, String other) {
        return cut.contains(one + other);
    }

    private void propose(SimulatedMember member) {
        if (member.isUp() && member.core().role() == RaftCore.Role.LEADER) {
            List<Event> events = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                events.add(
                        new Event.Propose(member.core().term(), pick().id, 1, ++request, new byte[random.nextInt(9)]));
            }
            step(member, events);
        }
    }

    private void step(SimulatedMember member, List<Event> events) {
        if (member.isUp()) {
            boolean crashes = rough && random.nextInt(crashRarity) == 0;
            member.step(events, crashes ? random.nextInt(SimulatedMember.CRASH_POINTS) : SimulatedMember.CRASH_POINTS);
        }
    }

    /** Up to four messages for one member at once, out of order; some are lost, some come twice. */
    private void deliver() {
        if (air.isEmpty()) {
            return;
        }
        String to = air.get(random.nextInt(air.size())).to();
        List<Event> events = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0 && !air.isEmpty(); i--) {
            int at = rough && random.nextInt(3) == 0 ? random.nextInt(air.size()) : first(to);
            if (at < 0 || !air.get(at).to().equals(to)) {
                continue;
            }
            Flying flying = air.get(at);
            if (!rough || random.nextInt(lossRarity) != 0) {
                air.remove(at);
            }
            boolean lost = rough && random.nextInt(lossRarity) == 0;
            if (!lost && !isCut(flying.from(), to)) {
                events.add(new Event.Received(flying.from(), flying.message()));
            }
        }
        SimulatedMember member = members.get(to);
        if (member != null && !events.isEmpty()) {
            step(member, events);
        }
    }

    private int first(String to) {
        for (int i = 0; i < air.size(); i++) {
            if (air.get(i).to().equals(to)) {
                return i;
            }
        }
        return -1;
    }

    /** Everything works again: there must be a leader soon, a new command is committed, and all members agree. */
    void calm() {
        rough = false;
        cut.clear();
        members.values().forEach(this::start);
        tellConnected();
        for (int round = 0; round < 4000; round++) {
            now += 2;
            for (SimulatedMember member : members.values()) {
                member.step(List.of(), SimulatedMember.CRASH_POINTS);
            }
            for (int i = 0; i < 30 && !air.isEmpty(); i++) {
                deliver();
            }
            if (round % 50 == 49) {
                members.values().forEach(this::propose);
            }
            if (round > 600 && isSettled()) {
                return;
            }
        }
        throw new AssertionError("no progress after all was well again: " + describe());
    }

    private boolean isSettled() {
        long applied = checker.highest();
        return members.values().stream().allMatch(member -> member.applied() == applied)
                && members.values().stream()
                                .filter(member -> member.core().role() == RaftCore.Role.LEADER)
                                .count()
                        == 1
                && members.values().stream()
                        .filter(member -> member.core().role() == RaftCore.Role.LEADER)
                        .allMatch(member ->
                                member.core().commit() == member.core().lastIndex()
                                        && member.core().termAt(applied)
                                                == member.core().term());
    }

    private String describe() {
        StringBuilder text = new StringBuilder();
        for (SimulatedMember member : members.values()) {
            RaftCore core = member.core();
            text.append(String.format(
                    Locale.ROOT,
                    "%n%s %s term %d leader %s base %d last %d commit %d applied %d voters %s",
                    member.id,
                    core.role(),
                    core.term(),
                    core.leader(),
                    core.baseIndex(),
                    core.lastIndex(),
                    core.commit(),
                    member.applied(),
                    core.configuration()));
        }
        return text.toString();
    }
}
