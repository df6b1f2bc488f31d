package io.wgfabric.scale.bench;

import java.util.List;

/**
 * Whole joins per second beside etcd's puts: the token verified and its use counted, IPv4 and IPv6 addresses given, a
 * certificate issued, the configuration signed, all of it on the disks of a majority. Three members each, mutual TLS
 * between them, the client another process at the leader: over HTTPS with one connection kept, over HTTPS with a new
 * connection for each join, and through the library in the leader's process behind a plaintext front.
 *
 * <p>The topology is the hub's, in which the configuration of a peer does not grow with the peers that there are; in a mesh
 * ({@code -Dbench.topology=mesh}) what each new node has to be told does.
 */
public final class Joins {
    private static final String ETCD = "etcd puts";

    private Joins() {}

    /** All that was measured. */
    record Result(String machine, String etcd, int seconds, List<SideBySide.Figure> figures) {}

    /** {@code -Dbench.rounds=}, {@code -Dbench.seconds=} and {@code -Dbench.warmup=} (seconds) change the length. */
    public static void main(String[] arguments) throws Exception {
        EtcdMembers.provide();
        int seconds = Run.number("seconds", 6);
        try (Run run = Run.begin("joins")) {
            Authority authority = new Authority(run.folder().resolve("keys"));
            try (FabricManagers managers =
                            FabricManagers.start(run.folder().resolve("managers"), List.of("-Xms512m", "-Xmx512m"));
                    Members library =
                            Members.start(run.folder().resolve("library"), authority, JoinMember.class, true);
                    EtcdMembers etcd = EtcdMembers.start(run.folder().resolve("etcd"), authority);
                    SideBySide systems = new SideBySide(run, List.of(1, 64))) {
                managers.setTopology(System.getProperty("bench.topology", "hub"));
                String leader = managers.apis().get(managers.leader());
                String token = managers.token("peer", 0);
                systems.connect("join, HTTPS kept", "https", leader, token);
                systems.connect("join, HTTPS new", "connect", leader, token);
                systems.connect("join, library", "library", MemberPlan.text(library.leader()));
                systems.connect(ETCD, "etcd", MemberPlan.text(etcd.client(etcd.leader())));
                systems.measure(Run.number("rounds", 3), seconds, Run.number("warmup", 6));
                Run.say("%n%s", systems.table("done", List.of(ETCD)));
                Run.say(
                        "Medians over rounds of %d s, in slices of 2 s taken in turn. Synced to disk, mutual TLS between"
                                + " members. %s",
                        seconds, run.machine());
                run.write(new Result(run.machine(), EtcdMembers.version(), seconds, systems.figures()));
            }
        }
    }
}
