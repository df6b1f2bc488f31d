package io.wgfabric.scale.chaos;

import io.wgfabric.simulation.history.AddressLease;
import io.wgfabric.simulation.history.CountedToken;
import io.wgfabric.simulation.history.FirstAnswer;
import io.wgfabric.simulation.history.Membership;
import io.wgfabric.simulation.history.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What clients were told, and what follows from it. Thread-safe. */
final class Ledger {
    /**
     * A token that was created.
     *
     * @param key the request that created it
     * @param text what admits
     * @param address fixed, or null
     */
    record TokenFact(
            String key,
            String id,
            String text,
            int uses,
            @Nullable String address) {}

    /**
     * A node that was admitted.
     *
     * @param name under which it asked, which no other did
     */
    record NodeFact(String name, String id, String address, TokenFact token) {}

    /** @param outcome as the audit chain must have it; null if either is possible */
    record Expected(String request, @Nullable String outcome) {}

    final Histories<CountedToken.Token, CountedToken.Ask, CountedToken.Answer> tokenHistories =
            new Histories<>("token", new CountedToken());
    final Histories<Membership.State, Membership.Ask, Membership.Answer> nodeHistories =
            new Histories<>("node", new Membership());
    final Histories<AddressLease.Lease, AddressLease.Ask, AddressLease.Answer> addressHistories =
            new Histories<>("address", new AddressLease());
    final Histories<String, String, String> answerHistories = new Histories<>("request", new FirstAnswer());

    final Map<String, TokenFact> tokens = new ConcurrentHashMap<>();
    final Map<String, NodeFact> nodes = new ConcurrentHashMap<>();
    /** Node ids by address, from answers to joins. */
    private final Map<String, String> addresses = new ConcurrentHashMap<>();

    private final Map<Long, String> digests = new ConcurrentHashMap<>();
    final ConcurrentLinkedQueue<Expected> expected = new ConcurrentLinkedQueue<>();
    private final List<String> violations = new ArrayList<>();

    final LongAdder ok = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder unknown = new LongAdder();
    final LongAdder undone = new LongAdder();
    final LongAdder reads = new LongAdder();
    final LongAdder staleReads = new LongAdder();
    final LongAdder echoes = new LongAdder();
    final LongAdder internalErrors = new LongAdder();
    final LongAdder resolved = new LongAdder();
    final LongAdder indeterminate = new LongAdder();
    private final AtomicLong newestRevision = new AtomicLong();

    synchronized void violation(String what) {
        violations.add(what);
        if (violations.size() <= 20) {
            System.out.println("VIOLATION: " + what);
        }
    }

    synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    /** The newest revision that a confirmed read has shown so far: no later one may show less. */
    long newestRevision() {
        return newestRevision.get();
    }

    /** A confirmed read that was asked for when {@code floor} was the newest. */
    void read(long floor, long revision, String what) {
        if (revision < floor) {
            violation("stale read: " + what + " shows revision " + revision + ", and " + floor
                    + " had been shown before it was asked for");
        }
        newestRevision.accumulateAndGet(revision, Math::max);
    }

    void digest(String manager, long revision, String digest) {
        String known = digests.putIfAbsent(revision, digest);
        if (known != null && !known.equals(digest)) {
            violation("the digest of " + manager + " at revision " + revision + " is " + digest + ", another's was "
                    + known);
        }
    }

    /** An answer to a request, the first or a later one. */
    void answered(String request, long invoked, long returned, String answer) {
        answerHistories.add(request, Operation.of("client", invoked, returned, request, answer));
    }

    void admitted(NodeFact node) {
        NodeFact before = nodes.putIfAbsent(node.name(), node);
        if (before != null && !before.equals(node)) {
            violation("one join, two nodes: " + before + " and " + node);
        }
        String holder = addresses.putIfAbsent(node.address(), node.id());
        if (holder != null && !holder.equals(node.id())) {
            violation("address " + node.address() + " was given to " + holder + " and to " + node.id());
        }
    }
}
