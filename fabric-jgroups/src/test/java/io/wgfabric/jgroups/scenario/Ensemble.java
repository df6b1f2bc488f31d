package io.wgfabric.jgroups.scenario;

import io.wgfabric.jgroups.scenario.Post.Parcel;
import io.wgfabric.jgroups.scenario.Violated.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in one thread, with its messages, disks and clocks in the hands of a test. Which implementation its members
 * run is the only thing that it is given; all that is promised is written down in a {@link Ledger} and checked at the
 * end.
 */
final class Ensemble implements AutoCloseable {

    /** Where members come from. */
    interface Nursery {
        /** @param voters as they are now, for a member that is new; the founder's own id alone founds a cluster */
        Member start(String id, Path directory, List<String> voters, Ensemble ensemble) throws Exception;
    }

    static final long SOON = 5000;
    private static final long TICK = 10;
    /** After this time everything that was not lost has been told to everyone. */
    private static final long LONG_ENOUGH = 2200;

    private static final int MOST_MESSAGES = 200_000;
    private static final int ROUNDS = 8;

    private final Path directory;
    private final Nursery nursery;
    private final Post post = new Post();
    private final Ledger ledger = new Ledger();
    private final TreeMap<String, Member> up = new TreeMap<>();
    /** The voters that each member was configured with when it first started. */
    private final Map<String, List<String>> configured = new TreeMap<>();

    private final Map<String, Set<String>> diskOfTheDead = new TreeMap<>();
    private final List<String> eldestFirst = new ArrayList<>();
    private final Set<String> paused = new HashSet<>();
    private final TreeMap<String, List<String>> connected = new TreeMap<>();

    Ensemble(Path directory, Nursery nursery) {
        this.directory = directory;
        this.nursery = nursery;
    }

    Post post() {
        return post;
    }

    Ledger ledger() {
        return ledger;
    }

    Path directory(String id) {
        return directory.resolve(id);
    }

    Member member(String id) {
        return Objects.requireNonNull(up.get(id), id + " is not up");
    }

    // ---- members

    /** The first member, which leads when this returns, and others that became voters. */
    void found(String first, String... others) {
        boot(first, List.of(first));
        within(() -> member(first).leads());
        for (String other : others) {
            join(other);
        }
    }

    /** Starts a member that has no data, as a learner. */
    void start(String id) {
        boot(id, List.copyOf(member(Objects.requireNonNull(leader())).voters()));
        pass(TICK);
    }

    /** Starts a member, and makes it a voter once it has caught up. All hear of it, if they can. */
    void join(String id) {
        start(id);
        String sign = id + " may join";
        String leader = Objects.requireNonNull(leader());
        within(() -> member(leader).stored().contains(sign) || write(sign).isAcknowledged());
        within(() -> member(id).applied().contains(sign));
        Request[] last = {change(leader, id, true)};
        within(() -> {
            if (last[0].isDone() && !last[0].isAcknowledged()) {
                last[0] = change(leader, id, true);
            }
            return last[0].isAcknowledged() && member(id).voters().contains(id);
        });
        pass(LONG_ENOUGH);
        if (!member(id).voters().contains(id)) {
            throw new IllegalStateException(id + " does not join");
        }
    }

    private void boot(String id, List<String> voters) {
        configured.putIfAbsent(id, voters);
        eldestFirst.remove(id);
        eldestFirst.add(id);
        diskOfTheDead.remove(id);
        connected.values().removeIf(view -> view.contains(id)); // it is another process now
        post.hangUp(id);
        try {
            up.put(id, nursery.start(id, directory(id), Objects.requireNonNull(configured.get(id)), this));
        } catch (Exception e) {
            throw new IllegalStateException(id + " does not start", e);
        }
    }

    void crash(String id) {
        bury(id, member(id));
    }

    private void bury(String id, Member member) {
        diskOfTheDead.put(id, member.stored());
        member.crash();
        up.remove(id);
        paused.remove(id);
        connected.remove(id);
    }

    /** Starts a member again with the disk that it left. */
    void restart(String id) {
        boot(id, List.of());
    }

    boolean isUp(String id) {
        return up.containsKey(id);
    }

    /** A stopped process: its clock stands still, and what is sent to it waits. */
    void pause(String id) {
        paused.add(id);
    }

    void resume(String id) {
        paused.remove(id);
    }

    // ---- network

    void hold(String from, String to, Post.Kind... kinds) {
        post.hold(from, to, kinds);
    }

    void letPass() {
        post.letPass();
    }

    /** Delivers held messages now; nothing that follows from them. */
    void release(String from, String to, Post.Kind... kinds) {
        post.take(from, to, kinds).forEach(this::hand);
    }

    /** Delivers the oldest held message. */
    void releaseFirst(String from, String to, Post.Kind... kinds) {
        List<Parcel> all = post.take(from, to, kinds);
        post.putBack(all.subList(1, all.size()));
        hand(all.get(0));
    }

    /** Loses held messages. */
    void lose(String from, String to, Post.Kind... kinds) {
        post.take(from, to, kinds);
    }

    /** Members that hear only each other; everybody else hears everybody else. */
    void isolate(String... island) {
        Set<String> inside = Set.of(island);
        for (String one : inside) {
            for (String other : configured.keySet()) {
                if (!inside.contains(other)) {
                    post.cut(one, other);
                    post.cut(other, one);
                }
            }
        }
    }

    void heal() {
        post.heal();
    }

    /** Everyone hears of who is on the network. */
    private void reconnect() {
        for (String id : List.copyOf(up.keySet())) {
            List<String> reachable = new ArrayList<>();
            for (String other : eldestFirst) {
                if (up.containsKey(other) && !paused.contains(other) && !post.isCut(id, other)) {
                    reachable.add(other);
                }
            }
            connect(id, reachable);
        }
    }

    private void connect(String id, List<String> reachable) {
        Member member = up.get(id);
        if (member != null && !paused.contains(id) && !reachable.equals(connected.put(id, reachable))) {
            guard(id, member, () -> member.connect(reachable));
        }
    }

    // ---- time

    /** Lets time pass for all members that are up, and delivers what may be delivered. */
    void pass(long millis) {
        for (long passed = 0; passed < millis; passed += TICK) {
            reconnect();
            for (Map.Entry<String, Member> each : List.copyOf(up.entrySet())) {
                if (up.containsKey(each.getKey()) && !paused.contains(each.getKey())) {
                    guard(each.getKey(), each.getValue(), () -> each.getValue().tick(TICK));
                }
            }
            deliver();
        }
    }

    void deliver() {
        deliver(parcel -> true);
    }

    private void deliver(Predicate<Parcel> fits) {
        for (int i = 0; i < MOST_MESSAGES; i++) {
            Parcel parcel = post.next(each -> fits.test(each) && !paused.contains(each.to()));
            if (parcel == null) {
                return;
            }
            hand(parcel);
        }
        throw new IllegalStateException("the members do not stop talking");
    }

    private void hand(Parcel parcel) {
        Member member = up.get(parcel.to());
        if (member != null) {
            guard(parcel.to(), member, () -> member.receive(parcel));
        }
    }

    /** Runs a member's code; if its process dies in it, the member is gone and the test goes on. */
    private void guard(String id, Member member, Runnable code) {
        try {
            code.run();
        } catch (Crash crash) {
            if (up.get(id) == member) {
                bury(id, member);
            }
        }
    }

    /** Lets up to five seconds pass until it holds. */
    boolean within(BooleanSupplier holds) {
        for (long passed = 0; passed < SOON && !holds.getAsBoolean(); passed += 5 * TICK) {
            pass(5 * TICK);
        }
        return holds.getAsBoolean();
    }

    // ---- elections

    /** The first of these starts an election in which only these take part. Whoever leads then, if anybody. */
    @Nullable String elect(String... group) {
        return elect(() -> {}, group);
    }

    /** @param collecting runs once, when the votes were asked for and none has come */
    @Nullable String elect(Runnable collecting, String... group) {
        String elected = campaign(collecting, group);
        for (int round = 1; round < ROUNDS && elected == null; round++) {
            elected = campaign(() -> {}, group);
        }
        return elected;
    }

    /** One attempt at an election. */
    @Nullable String campaign(Runnable collecting, String... group) {
        List<String> electors = Arrays.asList(group);
        eldest(group);
        List<String> present = electors.stream().filter(up::containsKey).toList();
        Map<String, Long> before = new TreeMap<>();
        present.forEach(id -> before.put(id, member(id).leads() ? member(id).term() : -1));
        present.forEach(id -> connect(id, present));
        present.stream().skip(1).forEach(id -> member(id).doubtLeader());
        Predicate<Parcel> among = parcel -> electors.contains(parcel.from()) && electors.contains(parcel.to());
        Member first = member(group[0]);
        guard(
                group[0],
                first,
                () -> first.campaign(fits -> deliver(among.and(fits)), () -> {
                    collecting.run();
                    deliver(among);
                }));
        deliver(among);
        for (String id : present) {
            if (isUp(id)
                    && member(id).leads()
                    && !Objects.equals(before.get(id), member(id).term())) {
                return id;
            }
        }
        return null;
    }

    /** Puts members in front wherever a list of them has an order; where islands meet, any order may come out. */
    void eldest(String... first) {
        List<String> front = Arrays.asList(first);
        eldestFirst.removeAll(front);
        eldestFirst.addAll(0, front);
    }

    /** The member that leads in the highest term. */
    @Nullable String leader() {
        String found = null;
        for (Map.Entry<String, Member> each : up.entrySet()) {
            boolean higher =
                    found == null || each.getValue().term() > member(found).term();
            if (each.getValue().leads() && !paused.contains(each.getKey()) && higher) {
                found = each.getKey();
            }
        }
        return found;
    }

    // ---- clients

    /** Asks one member; no message is delivered by this. */
    Request propose(String asked, String command) {
        Request request = new Request(command);
        Member member = member(asked);
        guard(asked, member, () -> member.propose(request));
        return request;
    }

    /** Asks whoever leads, until it is acknowledged or five seconds have passed. */
    Request write(String command) {
        Request[] last = {new Request(command)};
        last[0].refuse("nobody leads");
        within(() -> {
            String leader = leader();
            if (last[0].isDone() && !last[0].isAcknowledged() && leader != null) {
                last[0] = propose(leader, command);
                deliver();
            }
            return last[0].isAcknowledged();
        });
        return last[0];
    }

    /** A linearizable read of one member; it must see what is acknowledged by now. */
    Request read(String asked) {
        Request request = new Request("a read of " + asked);
        Set<String> before = ledger.acknowledged();
        Member member = member(asked);
        guard(
                asked,
                member,
                () -> member.read(request, seen -> {
                    ledger.read(asked, before, seen);
                    request.acknowledge();
                }));
        return request;
    }

    Request change(String asked, String member, boolean add) {
        Request request = new Request((add ? "add " : "remove ") + member);
        Member found = member(asked);
        guard(asked, found, () -> found.change(request, member, add));
        return request;
    }

    Request leave(String id) {
        Request request = new Request(id + " leaves");
        Member member = member(id);
        guard(id, member, () -> member.leave(request));
        return request;
    }

    /** For members: a command was acknowledged to the client that asked this member. */
    void acknowledged(Request request, Member by) {
        if (!request.isDone()) {
            request.acknowledge();
            long holders = by.voters().stream()
                    .filter(voter -> disk(voter).contains(request.command()))
                    .count();
            ledger.acknowledged(request.command(), holders, by.voters().size());
        }
    }

    private Set<String> disk(String id) {
        Member member = up.get(id);
        return member != null ? member.stored() : diskOfTheDead.getOrDefault(id, Set.of());
    }

    // ---- the end

    /** A follower keeps what it acknowledged. */
    void mustHold(String id, Request... acknowledged) {
        for (Request request : acknowledged) {
            if (!disk(id).contains(request.command())) {
                ledger.found(Kind.DELETED, id + " has lost " + request);
            }
        }
    }

    void mustFollow(String id) {
        if (member(id).applied().isEmpty()) {
            ledger.found(Kind.STUCK, id + " has received nothing");
        }
    }

    void mustEnd(Request request) {
        if (!request.isDone()) {
            ledger.found(Kind.HANGS, request.toString());
        }
    }

    void mustProgress(String command) {
        if (!write(command).isAcknowledged()) {
            ledger.found(Kind.STUCK, command + " is not acknowledged within " + SOON + " ms");
        }
    }

    /**
     * Lets all members that are up meet again, and checks everything: what was acknowledged is there, in the same order
     * everywhere, and the cluster goes on.
     */
    void verify() {
        letPass();
        heal();
        pass(3000);
        for (String command : ledger.acknowledged()) {
            if (up.keySet().stream().noneMatch(id -> disk(id).contains(command))) {
                ledger.found(Kind.LOST, command + " is on no disk of " + up.keySet());
            }
        }
        mustProgress("the last command");
        pass(2000);
        String leader = leader();
        if (leader != null) {
            List<String> state = member(leader).applied();
            for (String command : ledger.acknowledged()) {
                if (state.stream().filter(command::equals).count() != 1) {
                    ledger.found(Kind.LOST, leader + " has not applied " + command + " once: " + state);
                }
            }
            for (String id : up.keySet()) {
                if (!member(id).applied().equals(state)) {
                    ledger.found(
                            Kind.DIVERGED,
                            id + " has " + member(id).applied() + ", the leader " + leader + " has " + state);
                }
            }
        }
        ledger.check();
    }

    @Override
    public void close() {
        List.copyOf(up.keySet()).forEach(this::crash);
    }
}
