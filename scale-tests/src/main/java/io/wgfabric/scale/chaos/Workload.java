package io.wgfabric.scale.chaos;

import io.wgfabric.scale.chaos.Asker.Answer;
import io.wgfabric.scale.chaos.Asker.Request;
import io.wgfabric.scale.chaos.Asker.Told;
import io.wgfabric.scale.chaos.Intents.ChangeNode;
import io.wgfabric.scale.chaos.Intents.CreateToken;
import io.wgfabric.scale.chaos.Intents.JoinNode;
import io.wgfabric.scale.chaos.Intents.RevokeToken;
import io.wgfabric.scale.chaos.Ledger.Expected;
import io.wgfabric.scale.chaos.Ledger.NodeFact;
import io.wgfabric.scale.chaos.Ledger.TokenFact;
import io.wgfabric.simulation.history.CountedToken;
import io.wgfabric.simulation.history.Membership;
import io.wgfabric.simulation.history.Operation;
import io.wgfabric.simulation.netns.LabException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Clients, each at one manager, that contend for the same few tokens, nodes and addresses; and one that asks again what
 * had no answer. Runs from {@link #start} to {@link #stop}.
 */
final class Workload {
    /** How long a client goes on with a request before it leaves it to be asked again later. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private static final Duration RESOLVE_PATIENCE = Duration.ofSeconds(1);
    private static final int RECENT_TOKENS = 12;
    private static final int NODES_MANY = 80;
    private static final int ECHOES = 300;
    private static final int FIXED_TOKENS_OF_ADDRESS = 3;

    /** More than that the state forgets: then its oldest dead ones go, and a look at one would be misread. */
    private static final int MAX_TOKENS = 9_000;

    /** Later than so many commands, a request id is forgotten, and asking again would be asking anew. */
    private static final long MEMORY = 15_000;

    /** @param revision the newest when it was first asked */
    private record Open(Intent intent, long invoked, long revision) {}

    private record Echo(Intent intent) {}

    private final ChaosCluster cluster;
    private final Ledger ledger;
    private final Outages outages;
    private final Asker asker;
    private final long seed;
    private final long pauseNanos;
    private final Duration planned;
    private final long began = System.nanoTime();
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicInteger tokensMade = new AtomicInteger();
    private final AtomicInteger fixedMade = new AtomicInteger();
    private final List<TokenFact> recentTokens = new ArrayList<>();
    private final List<NodeFact> liveNodes = new ArrayList<>();
    private final List<Echo> echoes = new ArrayList<>();
    private final ConcurrentLinkedQueue<Open> open = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;
    private volatile boolean quiet;
    private volatile boolean resolving;
    private final AtomicInteger busy = new AtomicInteger();

    /**
     * @param planned how long it will run, which spreads the tokens that it may make
     * @param pause of a client between two requests
     */
    Workload(ChaosCluster cluster, Ledger ledger, Outages outages, long seed, Duration planned, Duration pause) {
        this.cluster = cluster;
        this.ledger = ledger;
        this.outages = outages;
        this.seed = seed;
        this.planned = planned;
        pauseNanos = pause.toNanos();
        asker = new Asker(cluster, ledger);
    }

    /** @param clients for each manager that there may be */
    void start(List<ManagerHost> hosts, int clients) {
        for (ManagerHost host : hosts) {
            for (int i = 0; i < clients; i++) {
                int number = threads.size();
                run("chaos-client-" + number, () -> client(host, new Random(seed * 31 + number)));
            }
        }
        run("chaos-resolver", () -> resolver(new Random(seed * 31 - 1)));
    }

    private void run(String name, Runnable task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (LabException e) {
                        if (!stopped) {
                            ledger.violation("the test itself failed: " + e.getMessage());
                        }
                    } catch (RuntimeException e) {
                        e.printStackTrace(System.out);
                        ledger.violation("the test itself failed: " + e);
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** Whether clients begin nothing new. */
    void quiet(boolean on) {
        quiet = on;
    }

    /** While it is quiet: waits until every request has its answer. */
    void awaitIdle(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (busy.get() > 0 || !open.isEmpty() || resolving) {
            if (System.nanoTime() > deadline) {
                throw new LabException(open.size() + " requests have no answer within " + limit.toSeconds() + " s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** Lets every request end that is under way. */
    void stop() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(30));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void client(ManagerHost host, Random random) {
        while (!stopped) {
            if (quiet || !cluster.members().contains(host)) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                continue;
            }
            busy.incrementAndGet();
            try {
                // Asked again, since it may have been said in between.
                if (!quiet) {
                    one(host, random);
                }
            } finally {
                busy.decrementAndGet();
            }
            LockSupport.parkNanos((long) (pauseNanos * 2 * random.nextDouble()));
        }
    }

    private void one(ManagerHost host, Random random) {
        int dice = random.nextInt(100);
        TokenFact token = recentToken(random);
        NodeFact node = liveNode(random);
        if (token == null || (dice < 14 && mayMakeToken())) {
            create(host, random);
        } else if (dice < 46) {
            change(host, new JoinNode(name("n"), token, random.nextLong()), random);
        } else if (dice < 50) {
            change(host, new RevokeToken(name("r"), token), random);
        } else if (node != null && dice < 72) {
            change(host, new ChangeNode(name("x"), node, changeOf(random)), random);
        } else if (dice < 82) {
            lookAtToken(host, token);
        } else if (node != null && dice < 92) {
            lookAtNode(host, node);
        } else if (dice < 98) {
            echo(host, random);
        } else {
            lookAtStatus(host);
        }
    }

    private Membership.Ask changeOf(Random random) {
        int removals = liveNodes() > NODES_MANY ? 80 : 35;
        int dice = random.nextInt(100);
        if (dice < removals) {
            return Membership.Ask.REMOVE;
        }
        return random.nextBoolean() ? Membership.Ask.QUARANTINE : Membership.Ask.RELEASE;
    }

    private String name(String kind) {
        return kind + numbers.incrementAndGet();
    }

    private boolean mayMakeToken() {
        double share = Math.min(1, (System.nanoTime() - began) / (double) planned.toNanos());
        return tokensMade.get() < 50 + MAX_TOKENS * share;
    }

    private void create(ManagerHost host, Random random) {
        tokensMade.incrementAndGet();
        boolean fixed = random.nextInt(4) == 0;
        String address = null;
        if (fixed) {
            int number = fixedMade.getAndIncrement() / FIXED_TOKENS_OF_ADDRESS;
            address = "10.7" + (2 + number / 62_500) + "." + number / 250 % 250 + "." + (1 + number % 250);
        }
        change(host, new CreateToken(name("t"), fixed ? 1 : 1 + random.nextInt(4), address), random);
    }

    private void change(ManagerHost host, Intent intent, Random random) {
        long revision = ledger.newestRevision();
        long invoked = System.nanoTime();
        Told told = asker.until(host, intent.request(), random, PATIENCE);
        if (told instanceof Answer answer) {
            conclude(intent, invoked, answer);
        } else if (told instanceof Asker.Unknown) {
            ledger.unknown.increment();
            open.add(new Open(intent, invoked, revision));
        } else {
            ledger.undone.increment();
        }
    }

    private void conclude(Intent intent, long invoked, Answer answer) {
        long returned = System.nanoTime();
        (answer.ok() ? ledger.ok : ledger.refused).increment();
        outages.written();
        intent.answered(ledger, invoked, returned, answer);
        String essence = intent.essence(answer);
        if (!essence.isEmpty()) {
            ledger.answered(intent.request().key(), invoked, returned, essence);
        }
        boolean gone = essence.isEmpty();
        ledger.expected.add(
                new Expected(intent.auditName(), gone && !(intent instanceof JoinNode) ? null : outcome(answer, gone)));
        remember(intent, answer);
    }

    private static String outcome(Answer answer, boolean gone) {
        return answer.ok() || gone ? "accepted" : answer.slug();
    }

    private void remember(Intent intent, Answer answer) {
        synchronized (echoes) {
            echoes.add(new Echo(intent));
            if (echoes.size() > ECHOES) {
                echoes.remove(0);
            }
        }
        if (intent instanceof CreateToken create && answer.ok()) {
            TokenFact fact = ledger.tokens.get(create.key());
            synchronized (recentTokens) {
                recentTokens.add(fact);
                if (recentTokens.size() > RECENT_TOKENS) {
                    recentTokens.remove(0);
                }
            }
        } else if (intent instanceof JoinNode join && answer.ok()) {
            NodeFact fact = ledger.nodes.get(join.key());
            synchronized (liveNodes) {
                liveNodes.add(fact);
            }
        } else if (intent instanceof ChangeNode change && change.ask() == Membership.Ask.REMOVE) {
            synchronized (liveNodes) {
                // Sometimes kept: then others ask about a node that has gone.
                if (answer.ok() ? change.node().id().hashCode() % 3 != 0 : true) {
                    liveNodes.remove(change.node());
                }
            }
        }
    }

    private @Nullable TokenFact recentToken(Random random) {
        synchronized (recentTokens) {
            return recentTokens.isEmpty() ? null : recentTokens.get(random.nextInt(recentTokens.size()));
        }
    }

    private @Nullable NodeFact liveNode(Random random) {
        synchronized (liveNodes) {
            return liveNodes.isEmpty() ? null : liveNodes.get(random.nextInt(liveNodes.size()));
        }
    }

    private int liveNodes() {
        synchronized (liveNodes) {
            return liveNodes.size();
        }
    }

    /** The same request again, which was answered: the answer must be the same. */
    private void echo(ManagerHost host, Random random) {
        Echo echo;
        synchronized (echoes) {
            if (echoes.isEmpty()) {
                return;
            }
            echo = echoes.get(random.nextInt(echoes.size()));
        }
        Request request = echo.intent().request();
        long invoked = System.nanoTime();
        if (asker.once(host, request) instanceof Answer answer) {
            String essence = echo.intent().essence(answer);
            if (!essence.isEmpty()) {
                ledger.echoes.increment();
                ledger.answered(request.key(), invoked, System.nanoTime(), essence);
            }
        }
    }

    /** The list says whether it is confirmed, what is shown alone does not: so a list of one. */
    private Told list(ManagerHost host, String what, String id) {
        String before = id.substring(0, id.length() - 1);
        return asker.once(host, new Request("GET", "/v1/" + what + "?limit=1&after=" + before, "-", null));
    }

    private boolean isConfirmed(Answer answer) {
        ledger.reads.increment();
        if (!answer.ok() || answer.body().path("stale").asBoolean(false)) {
            ledger.staleReads.increment();
            return false;
        }
        return true;
    }

    private void lookAtToken(ManagerHost host, TokenFact token) {
        long floor = ledger.newestRevision();
        long invoked = System.nanoTime();
        if (list(host, "tokens", token.id()) instanceof Answer answer && isConfirmed(answer)) {
            long returned = System.nanoTime();
            ledger.read(floor, answer.body().path("revision").asLong(0), "a list of tokens at " + host);
            tokenSeen(token, answer.body().path("items").path(0), invoked, returned);
        }
    }

    /** @param row of the token, or of another if there is none of it */
    void tokenSeen(TokenFact token, JsonNode row, long invoked, long returned) {
        boolean there = row.path("id").asString("").equals(token.id());
        CountedToken.Answer seen = there
                ? new CountedToken.Seen(
                        row.path("used").asInt(-1), row.path("revoked").isString())
                : new CountedToken.Unknown();
        ledger.tokenHistories.add(token.key(), Operation.of("look", invoked, returned, new CountedToken.Look(), seen));
    }

    private void lookAtNode(ManagerHost host, NodeFact node) {
        long floor = ledger.newestRevision();
        long invoked = System.nanoTime();
        if (list(host, "nodes", node.id()) instanceof Answer answer && isConfirmed(answer)) {
            long returned = System.nanoTime();
            ledger.read(floor, answer.body().path("revision").asLong(0), "a list of nodes at " + host);
            nodeSeen(node, answer.body().path("items").path(0), invoked, returned);
        }
    }

    /** @param row of the node, or of another if there is none of it */
    void nodeSeen(NodeFact node, JsonNode row, long invoked, long returned) {
        Membership.Answer seen = Membership.Answer.UNKNOWN;
        if (row.path("id").asString("").equals(node.id())) {
            boolean quarantined = row.path("status").asString("").equals("quarantined");
            seen = quarantined ? Membership.Answer.SEEN_QUARANTINED : Membership.Answer.SEEN_ACTIVE;
            String address = row.path("addresses").path(0).asString("");
            if (!address.equals(node.address())) {
                ledger.violation("node " + node.id() + " has " + address + " and was given " + node.address());
            }
        }
        ledger.nodeHistories.add(node.name(), Operation.of("look", invoked, returned, Membership.Ask.LOOK, seen));
    }

    private void lookAtStatus(ManagerHost host) {
        long floor = ledger.newestRevision();
        if (asker.once(host, new Request("GET", "/v1/status", "-", null)) instanceof Answer answer
                && isConfirmed(answer)) {
            long revision = answer.body().path("revision").asLong(0);
            ledger.read(floor, revision, "the status of " + host);
            ledger.digest(host.name(), revision, answer.body().path("digest").asString(""));
        }
    }

    private void resolver(Random random) {
        while (!stopped) {
            resolving = true;
            resolveSome(random);
            resolving = false;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private void resolveSome(Random random) {
        int count = open.size();
        for (int i = 0; i < count && !stopped; i++) {
            resolve(random, RESOLVE_PATIENCE);
        }
    }

    private void resolve(Random random, Duration patience) {
        Open next = open.poll();
        if (next == null) {
            return;
        }
        if (ledger.newestRevision() - next.revision() > MEMORY) {
            ledger.indeterminate.increment();
            next.intent().indeterminate(ledger, next.invoked());
            return;
        }
        List<ManagerHost> members = cluster.members();
        ManagerHost host = members.get(random.nextInt(members.size()));
        if (asker.until(host, next.intent().request(), random, patience) instanceof Answer answer) {
            ledger.resolved.increment();
            conclude(next.intent(), next.invoked(), answer);
        } else {
            open.add(next);
        }
    }

    /** After {@link #stop}, with managers that serve: asks until nothing is without an answer. */
    void resolveAll(Duration limit) {
        Random random = new Random(seed);
        long deadline = System.nanoTime() + limit.toNanos();
        while (!open.isEmpty() && System.nanoTime() < deadline) {
            resolve(random, RESOLVE_PATIENCE);
        }
        for (Open left = open.poll(); left != null; left = open.poll()) {
            ledger.indeterminate.increment();
            left.intent().indeterminate(ledger, left.invoked());
            ledger.violation("no answer although all managers serve: " + left.intent());
        }
    }

    /** How many requests nobody has an answer to yet. */
    int openRequests() {
        return open.size();
    }
}
