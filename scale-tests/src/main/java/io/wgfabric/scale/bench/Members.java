package io.wgfabric.scale.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Three members with fronts, each in a JVM of its own, on the loopback address. */
final class Members implements AutoCloseable {
    static final int COUNT = 3;
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration GROW_LIMIT = Duration.ofSeconds(60);

    private final List<MemberPlan> plans = new ArrayList<>();
    private final List<Child> children = new ArrayList<>();

    private Members() {}

    static Members start(Path folder, Authority authority, Class<?> main, boolean grows) throws IOException {
        Files.createDirectories(folder);
        Members members = new Members();
        try {
            members.launch(folder, authority, main);
            if (grows) {
                members.grow();
            }
            members.leader();
            return members;
        } catch (IOException | RuntimeException e) {
            members.close();
            throw e;
        }
    }

    private void launch(Path folder, Authority authority, Class<?> main) throws IOException {
        List<InetSocketAddress> peers = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            peers.add(Child.freePort());
            authority.issue(MemberPlan.id(i));
        }
        for (int i = 0; i < COUNT; i++) {
            Path data = folder.resolve(MemberPlan.id(i));
            MemberPlan plan = new MemberPlan(peers, i, Child.freePort(), data, authority.folder(), 0, 0);
            plans.add(plan);
            List<String> command = Child.java(List.of("-Xms512m", "-Xmx512m"), main, plan.arguments());
            children.add(Child.start(folder.resolve(plan.id() + ".log"), command));
        }
    }

    private void grow() throws IOException {
        Child.await("the first member leads", LIMIT, () -> status(plans.get(0)).startsWith("leader"));
        try (FrontClient first = new FrontClient(plans.get(0).front())) {
            for (int i = 1; i < COUNT; i++) {
                first.ask(Front.ADD_VOTER, MemberPlan.id(i), GROW_LIMIT);
            }
        }
    }

    private static String status(MemberPlan plan) {
        try (FrontClient client = new FrontClient(plan.front())) {
            return client.ask(Front.STATUS, "", Duration.ofSeconds(2));
        } catch (IOException e) {
            return "";
        }
    }

    /** Where the leader's front is; waits for one. */
    InetSocketAddress leader() {
        List<MemberPlan> found = new ArrayList<>();
        Child.await("a leader", LIMIT, () -> {
            found.clear();
            plans.stream().filter(plan -> status(plan).startsWith("leader")).forEach(found::add);
            return found.size() == 1;
        });
        return found.get(0).front();
    }

    @Override
    public void close() {
        children.forEach(Child::close);
    }
}
