package io.wgfabric.scale.chaos;

import io.wgfabric.scale.chaos.Links.Cut;
import io.wgfabric.scale.chaos.ManagerHost.Clock;
import io.wgfabric.simulation.netns.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Does harm at random, several kinds at once but mostly to a minority, and heals each after a bounded time. What it does
 * follows from the seed and from who leads when. Runs from {@link #start} to {@link #stop}.
 */
final class Nemesis {
    private static final Duration BACK_LIMIT = Duration.ofMinutes(3);
    private static final Duration REMOVAL_LIMIT = Duration.ofMinutes(2);
    private static final int SMALL = 3;
    private static final int LARGE = 5;
    private static final int CLOCK_SECONDS = 120;

    /** What it does. */
    private enum Kind {
        KILL(true, false),
        KILL_LEADER(true, false),
        PAUSE(true, false),
        PAUSE_LEADER(true, false),
        CUT_OFF(true, false),
        CUT_OFF_LEADER(true, false),
        CUT_OUTGOING(true, false),
        CUT_INCOMING(true, false),
        CUT_PAIR(true, false),
        SLOW(false, false),
        CLOCK(true, false),
        EMPTY_DISK(true, false),
        REPLACE(true, false),
        RESIZE(false, false),
        KILL_MAJORITY(true, true),
        PAUSE_MAJORITY(true, true),
        CUT_MAJORITY(true, true);

        /** Whether its victims count as down. */
        final boolean down;

        final boolean majority;

        Kind(boolean down, boolean majority) {
            this.down = down;
            this.majority = majority;
        }

        boolean changesMembers() {
            return this == EMPTY_DISK || this == REPLACE || this == RESIZE;
        }

        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private record Active(Kind kind, Set<ManagerHost> victims) {}

    private final ChaosCluster cluster;
    private final Ledger ledger;
    private final Random random;
    private final Path log;
    private final @Nullable Path clockLibrary;
    private final List<Active> active = new CopyOnWriteArrayList<>();
    private final List<Thread> healing = new CopyOnWriteArrayList<>();
    private final Semaphore membership = new Semaphore(1);
    private final Map<String, Integer> counts = new TreeMap<>();
    private final Thread thread = new Thread(this::run, "chaos-nemesis");
    private volatile @Nullable Outages outages;
    private volatile boolean stopped;

    Nemesis(ChaosCluster cluster, Ledger ledger, long seed) {
        this.cluster = cluster;
        this.ledger = ledger;
        random = new Random(seed);
        log = cluster.logs().resolve("nemesis.log");
        clockLibrary = clockLibrary().orElse(null);
        thread.setDaemon(true);
    }

    /** What lets a process see another time, of the Debian package libfaketime. */
    static Optional<Path> clockLibrary() {
        try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
            return folders.map(folder -> folder.resolve("faketime/libfaketimeMT.so.1"))
                    .filter(Files::exists)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    void start(Outages told) {
        outages = told;
        thread.start();
    }

    /** Begins nothing more, and returns when all is healed. */
    void stop() throws InterruptedException {
        stopped = true;
        thread.join();
        for (Thread each : healing) {
            each.join();
        }
    }

    /** What is wrong now. */
    String active() {
        return active.stream()
                .map(each -> each.kind().text() + " "
                        + each.victims().stream()
                                .map(ManagerHost::name)
                                .sorted()
                                .collect(Collectors.joining("+")))
                .collect(Collectors.joining(", "));
    }

    /** How often each kind was done. */
    synchronized Map<String, Integer> counts() {
        return new TreeMap<>(counts);
    }

    private synchronized void count(Kind kind) {
        counts.merge(kind.text(), 1, Integer::sum);
    }

    private void run() {
        List<Kind> next = new ArrayList<>();
        while (!stopped) {
            if (next.isEmpty()) {
                next.addAll(List.of(Kind.values()));
                Collections.shuffle(next, random);
            }
            // What cannot be done now is for later: so every kind comes as often as every other.
            for (int i = 0; i < next.size(); i++) {
                if (begin(next.get(i))) {
                    next.remove(i);
                    break;
                }
            }
            sleep(300 + random.nextInt(1_500));
        }
    }

    private boolean begin(Kind kind) {
        if (kind == Kind.CLOCK && clockLibrary == null) {
            return true;
        }
        if ((kind.changesMembers() || kind.majority) && !membership.tryAcquire()) {
            return false;
        }
        List<ManagerHost> members;
        Active fault;
        synchronized (active) {
            members = cluster.members();
            Set<ManagerHost> victims = victims(kind, members, affected());
            if (victims.isEmpty() && kind != Kind.RESIZE) {
                release(kind);
                return false;
            }
            fault = new Active(kind, victims);
            active.add(fault);
        }
        health();
        count(kind);
        long seed = random.nextLong();
        Thread healer = new Thread(() -> harm(fault, members, new Random(seed)), "chaos-" + kind.text());
        healer.setDaemon(true);
        healing.add(healer);
        healer.start();
        return true;
    }

    /** One change of members at a time, and none waits for a majority that is down. */
    private void release(Kind kind) {
        if (kind.changesMembers() || kind.majority) {
            membership.release();
        }
    }

    private Set<ManagerHost> affected() {
        return active.stream().flatMap(each -> each.victims().stream()).collect(Collectors.toSet());
    }

    private Set<ManagerHost> victims(Kind kind, List<ManagerHost> members, Set<ManagerHost> affected) {
        int minority = (members.size() - 1) / 2;
        if (kind.majority) {
            if (!affected.isEmpty()) {
                return Set.of();
            }
            List<ManagerHost> shuffled = new ArrayList<>(members);
            Collections.shuffle(shuffled, random);
            int count = minority + 1 + random.nextInt(members.size() - minority);
            return new HashSet<>(shuffled.subList(0, count));
        }
        if (affected.size() >= minority) {
            return Set.of();
        }
        boolean leader = kind == Kind.KILL_LEADER || kind == Kind.PAUSE_LEADER || kind == Kind.CUT_OFF_LEADER;
        List<ManagerHost> possible = leader ? cluster.leader().map(List::of).orElse(List.of()) : members;
        List<ManagerHost> free =
                possible.stream().filter(host -> !affected.contains(host)).toList();
        return free.isEmpty() || kind == Kind.RESIZE ? Set.of() : Set.of(free.get(random.nextInt(free.size())));
    }

    private void harm(Active fault, List<ManagerHost> members, Random dice) {
        note("begin " + fault.kind().text() + " " + fault.victims());
        try {
            switch (fault.kind()) {
                case KILL, KILL_LEADER, KILL_MAJORITY -> kill(fault.victims(), dice);
                case PAUSE, PAUSE_LEADER, PAUSE_MAJORITY -> pause(fault.victims(), dice);
                case CUT_OFF, CUT_OFF_LEADER, CUT_MAJORITY -> cut(cuts(fault.victims(), members, true, true), dice);
                case CUT_OUTGOING -> cut(cuts(fault.victims(), members, true, false), dice);
                case CUT_INCOMING -> cut(cuts(fault.victims(), members, false, true), dice);
                case CUT_PAIR -> cutPair(fault.victims(), members, dice);
                case SLOW -> slow(fault.victims(), dice);
                case CLOCK -> shiftClock(fault.victims(), dice);
                case EMPTY_DISK -> emptyDisk(fault.victims());
                case REPLACE -> replace(fault.victims());
                case RESIZE -> resize();
            }
        } catch (LabException e) {
            ledger.violation(fault.kind().text() + " " + fault.victims() + " cannot be healed: " + e.getMessage());
        } catch (RuntimeException e) {
            e.printStackTrace(System.out);
            ledger.violation("the test itself failed: " + e);
        } finally {
            active.remove(fault);
            release(fault.kind());
            health();
            note("end " + fault.kind().text() + " " + fault.victims());
        }
    }

    private void kill(Set<ManagerHost> victims, Random dice) {
        victims.forEach(ManagerHost::signalKill);
        victims.forEach(ManagerHost::kill);
        sleep(dice.nextInt(3_000));
        victims.forEach(ManagerHost::run);
        victims.forEach(host -> cluster.awaitServing(host, BACK_LIMIT));
    }

    private void pause(Set<ManagerHost> victims, Random dice) {
        victims.forEach(ManagerHost::pause);
        // As often short as long: what is about an election time is the harder case.
        sleep(dice.nextBoolean() ? 200 + dice.nextInt(800) : 1_000 + dice.nextInt(9_000));
        victims.forEach(ManagerHost::resume);
    }

    private static List<Cut> cuts(
            Set<ManagerHost> victims, List<ManagerHost> members, boolean outgoing, boolean incoming) {
        List<Cut> cuts = new ArrayList<>();
        for (ManagerHost victim : victims) {
            for (ManagerHost other : members) {
                if (!victim.equals(other)) {
                    if (outgoing) {
                        cuts.add(new Cut(victim, other));
                    }
                    if (incoming) {
                        cuts.add(new Cut(other, victim));
                    }
                }
            }
        }
        return cuts.stream().distinct().toList();
    }

    private void cut(List<Cut> cuts, Random dice) {
        cluster.links().cut(cuts);
        sleep(500 + dice.nextInt(8_000));
        cluster.links().heal(cuts);
    }

    private void cutPair(Set<ManagerHost> victims, List<ManagerHost> members, Random dice) {
        ManagerHost one = victims.iterator().next();
        List<ManagerHost> others =
                members.stream().filter(host -> !host.equals(one)).toList();
        ManagerHost other = others.get(dice.nextInt(others.size()));
        cut(List.of(new Cut(one, other), new Cut(other, one)), dice);
    }

    private void slow(Set<ManagerHost> victims, Random dice) {
        victims.forEach(host -> cluster.links().slow(host.host(), true));
        sleep(1_000 + dice.nextInt(8_000));
        victims.forEach(host -> cluster.links().slow(host.host(), false));
    }

    private void shiftClock(Set<ManagerHost> victims, Random dice) {
        Path library = clockLibrary;
        for (ManagerHost host : victims) {
            host.kill();
            int offset = dice.nextInt(2 * CLOCK_SECONDS) - CLOCK_SECONDS;
            host.setClock(library == null ? null : new Clock(library, offset));
            host.run();
            cluster.awaitServing(host, BACK_LIMIT);
        }
    }

    /** What lost its disk must not act under its old id: it cannot start, and comes back as another. */
    private void emptyDisk(Set<ManagerHost> victims) {
        for (ManagerHost host : victims) {
            host.kill();
            host.wipe();
            host.run();
            if (host.awaitEnd(ChaosCluster.START_LIMIT) == 0) {
                ledger.violation(host + " started from an empty disk");
            }
            cluster.remove(host);
            cluster.join(host);
        }
    }

    private void replace(Set<ManagerHost> victims) {
        for (ManagerHost host : victims) {
            retire(host);
            List<ManagerHost> free = cluster.free();
            cluster.join(free.get(0));
        }
    }

    private void retire(ManagerHost host) {
        cluster.remove(host);
        int status = host.awaitEnd(REMOVAL_LIMIT);
        if (status != 1) {
            ledger.violation(host + " was removed and ended with status " + status + "; see " + host.log());
        }
        host.wipe();
    }

    private void resize() {
        List<ManagerHost> members = cluster.members();
        if (members.size() >= LARGE) {
            while (cluster.members().size() > SMALL) {
                retireOne();
                sleep(100);
            }
            return;
        }
        while (cluster.members().size() < LARGE) {
            cluster.join(cluster.free().get(0));
            health();
        }
    }

    /** None that another fault has now: it could not stop, and would be waited for. */
    private void retireOne() {
        Active leaving;
        synchronized (active) {
            Set<ManagerHost> busy = affected();
            Optional<ManagerHost> next = cluster.members().stream()
                    .filter(host -> !busy.contains(host))
                    .findFirst();
            if (next.isEmpty()) {
                return;
            }
            leaving = new Active(Kind.RESIZE, Set.of(next.get()));
            active.add(leaving);
        }
        try {
            leaving.victims().forEach(this::retire);
        } finally {
            active.remove(leaving);
            health();
        }
    }

    /** Tells whether a majority is up and connected. */
    private void health() {
        Outages told = outages;
        if (told == null) {
            return;
        }
        Set<ManagerHost> down = active.stream()
                .filter(each -> each.kind().down)
                .flatMap(each -> each.victims().stream())
                .collect(Collectors.toSet());
        List<ManagerHost> members = cluster.members();
        long up = members.stream().filter(host -> !down.contains(host)).count();
        told.health(up >= members.size() / 2 + 1);
    }

    private void note(String what) {
        try {
            Files.writeString(
                    log, Instant.now() + " " + what + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new LabException("cannot write " + log + ": " + e.getMessage(), e);
        }
    }

    private static void sleep(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
