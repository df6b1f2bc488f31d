package io.wgfabric.simulation.world;

import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.StateView;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.state.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Agents that watch managers. A manager signs a netmap when what nodes are told has changed, as {@code NetmapPublisher}
 * does, and puts it into the one slot of each of its streams, as {@code Watcher} does. The signature is a keyed hash:
 * EdDSA would take most of the time, and what it protects from does not happen here.
 */
final class Agents {
    private static final int MOST = 3;

    private final Fabric fabric;
    private final List<SimulatedAgent> agents = new ArrayList<>();
    /** What each manager has published last, in this run of its process. */
    private final Map<String, Netmap> published = new HashMap<>();
    /** What each revision must look like. */
    private final Map<Long, Netmap> truths = new HashMap<>();

    Agents(Fabric fabric) {
        this.fabric = fabric;
    }

    void add(NodeId node) {
        for (SimulatedAgent agent : agents) {
            if (agent.node().equals(node)) {
                return;
            }
        }
        if (agents.size() < MOST) {
            agents.add(new SimulatedAgent(node));
        }
    }

    /** The configuration at a revision, by the state that everybody has there; null before there is a cluster. */
    @Nullable Netmap truth(long revision) {
        return truths.computeIfAbsent(
                revision, number -> netmap(fabric.checker().at(number)));
    }

    private static @Nullable Netmap netmap(State state) {
        return Netmap.of(new StateView(state)).orElse(null);
    }

    /** One agent does something, or something is done to it. */
    void happen(World world, SplittableRandom dice) {
        if (agents.isEmpty()) {
            return;
        }
        SimulatedAgent agent = agents.get(dice.nextInt(agents.size()));
        int what = dice.nextInt(10);
        if (what == 0) {
            agent.restart();
        } else {
            if (what < 5) {
                agent.watch(world.pick(dice).id());
            }
            serve(world, agent);
            if (what < 9) {
                hear(agent);
            }
        }
    }

    /** Every agent has a manager that lives, and hears from it. */
    void round(World world, SplittableRandom dice) {
        for (SimulatedAgent agent : List.copyOf(agents)) {
            SimulatedMember manager = world.member(agent.manager());
            if (manager == null || !manager.isUp()) {
                agent.watch(world.pick(dice).id());
            }
            serve(world, agent);
            hear(agent);
        }
    }

    private void hear(SimulatedAgent agent) {
        agent.hear(this);
        if (agent.isRemoved()) {
            agents.remove(agent);
        }
    }

    /** A manager publishes what it has applied. */
    private void serve(World world, SimulatedAgent agent) {
        SimulatedMember member = world.member(agent.manager());
        SimulatedProcess process = member == null ? null : member.process();
        if (process == null) {
            return;
        }
        State state = process.replica().state();
        Node node = state.nodes().get(agent.node());
        if (state.cluster() != null && (node == null || !node.isActive())) {
            agent.offerGone(node == null, state.revision());
            return;
        }
        Netmap fresh = netmap(state);
        if (fresh != null) {
            Netmap last = published.get(agent.manager());
            if (last == null || !last.saysTheSameAs(fresh) || fresh.edition().isBefore(last.edition())) {
                last = fresh;
                published.put(agent.manager(), fresh);
            }
            agent.offer(SimulatedAgent.Signed.of(last));
        }
    }

    /** A manager's process has ended, and with it what it kept. */
    void ended(String manager) {
        published.remove(manager);
        for (SimulatedAgent agent : agents) {
            if (agent.manager().equals(manager)) {
                agent.broken();
            }
        }
    }

    boolean areCurrent() {
        Netmap newest = agents.isEmpty()
                ? null
                : truth(fabric.checker().newest().revision().number());
        for (SimulatedAgent agent : agents) {
            if (newest != null && !agent.isCurrent(newest)) {
                return false;
            }
        }
        return true;
    }
}
