package io.wgfabric.scale.bench;

import io.wgfabric.simulation.netns.Shell;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three members of etcd on the loopback address: standard settings, mutual TLS between them, plaintext to clients. */
final class EtcdMembers implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(10);
    private static final String PROGRAM = "etcd";

    private final Path folder;
    private final Authority authority;
    private final List<InetSocketAddress> peers = new ArrayList<>();
    private final List<InetSocketAddress> clients = new ArrayList<>();
    private final List<EtcdStore> stores = new ArrayList<>();
    private final List<Child> children = new ArrayList<>();

    private EtcdMembers(Path folder, Authority authority) {
        this.folder = folder;
        this.authority = authority;
    }

    /** Installs etcd from Debian if it is missing and this process may. */
    static void provide() {
        if (Shell.has(PROGRAM)) {
            return;
        }
        List<String> install = List.of(
                "apt-get",
                "-o",
                "DPkg::Lock::Timeout=120",
                "install",
                "-q",
                "-y",
                "--no-install-recommends",
                "etcd-server");
        Map<String, String> quiet = Map.of("DEBIAN_FRONTEND", "noninteractive");
        boolean able =
                Shell.has("apt-get") && Shell.run("id", "-u").out().strip().equals("0");
        if (able && !Shell.run(INSTALL_LIMIT, quiet, install).ok()) {
            Shell.run(INSTALL_LIMIT, quiet, List.of("apt-get", "update", "-q"));
            Shell.run(INSTALL_LIMIT, quiet, install);
        }
        if (!Shell.has(PROGRAM)) {
            throw new IllegalStateException("etcd is not installed; on Debian: apt-get install etcd-server");
        }
    }

    static String version() {
        return Shell.run(PROGRAM, "--version").out().lines().findFirst().orElse(PROGRAM);
    }

    static EtcdMembers start(Path folder, Authority authority) throws IOException {
        Files.createDirectories(folder);
        EtcdMembers members = new EtcdMembers(folder, authority);
        try {
            for (int i = 0; i < Members.COUNT; i++) {
                authority.issue(name(i));
                members.peers.add(Child.freePort());
                members.clients.add(Child.freePort());
                members.stores.add(new EtcdStore(members.url(i)));
            }
            for (int i = 0; i < Members.COUNT; i++) {
                members.children.add(members.launch(i));
            }
            members.leader();
            return members;
        } catch (IOException | RuntimeException e) {
            members.close();
            throw e;
        }
    }

    private static String name(int number) {
        return "etcd-" + MemberPlan.id(number);
    }

    private String url(int number) {
        return "http://" + MemberPlan.text(clients.get(number));
    }

    private String peerUrl(int number) {
        return "https://" + MemberPlan.text(peers.get(number));
    }

    private Child launch(int number) throws IOException {
        String name = name(number);
        String cluster = IntStream.range(0, Members.COUNT)
                .mapToObj(i -> name(i) + "=" + peerUrl(i))
                .collect(Collectors.joining(","));
        return Child.start(
                folder.resolve(name + ".log"),
                List.of(
                        PROGRAM,
                        "--name=" + name,
                        "--data-dir=" + folder.resolve(name),
                        "--logger=zap",
                        "--log-level=warn",
                        "--listen-client-urls=" + url(number),
                        "--advertise-client-urls=" + url(number),
                        "--listen-peer-urls=" + peerUrl(number),
                        "--initial-advertise-peer-urls=" + peerUrl(number),
                        "--initial-cluster=" + cluster,
                        "--initial-cluster-state=new",
                        "--peer-client-cert-auth",
                        "--peer-trusted-ca-file=" + authority.authorityFile(),
                        "--peer-cert-file=" + authority.certificateFile(name),
                        "--peer-key-file=" + authority.keyFile(name)));
    }

    /** Starts one again that was killed. */
    void restart(int number) throws IOException {
        children.set(number, launch(number));
    }

    Child child(int number) {
        return children.get(number);
    }

    InetSocketAddress client(int number) {
        return clients.get(number);
    }

    List<InetSocketAddress> clients() {
        return List.copyOf(clients);
    }

    /** Waits until every member knows who leads. */
    void awaitAll() {
        Child.await("three members of etcd", LIMIT, () -> stores.stream().allMatch(EtcdStore::knowsLeader));
    }

    /** Which member leads; waits for one. */
    int leader() {
        List<Integer> found = new ArrayList<>();
        Child.await("a leader of etcd", LIMIT, () -> {
            found.clear();
            IntStream.range(0, Members.COUNT).filter(i -> stores.get(i).leads()).forEach(found::add);
            return found.size() == 1;
        });
        return found.get(0);
    }

    @Override
    public void close() {
        children.forEach(Child::close);
        stores.forEach(EtcdStore::close);
    }
}
