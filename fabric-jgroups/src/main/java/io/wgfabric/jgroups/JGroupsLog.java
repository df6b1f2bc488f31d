package io.wgfabric.jgroups;

import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.LogException.Outcome;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.log.Replica;
import io.wgfabric.jgroups.raft.Settings;
import io.wgfabric.jgroups.stack.Member;
import io.wgfabric.jgroups.stack.SnapshotPolicy;
import io.wgfabric.jgroups.stack.StateMachineReplica;
import io.wgfabric.jgroups.stack.Transport;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLContext;
import org.jgroups.JChannel;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.raft.StateMachine;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Log} of a cluster of managers: Raft over JGroups.
 *
 * <p>The first member ever is started with {@link Builder#bootstrap()}. Every other one starts empty, as a learner: the
 * leader sends it log and snapshots, and {@link #addVoter} gives it a vote. After that a member takes everything from
 * its data directory; {@code bootstrap()} changes nothing then.
 *
 * <p>Continuations of the returned stages run on a thread of the log's; they must not block.
 */
public final class JGroupsLog implements Log {
    private final Member member;

    private JGroupsLog(Member member) {
        this.member = member;
    }

    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void start(Replica replica) {
        member.start(replica);
    }

    /**
     * Starts with the state machine that {@code new RaftHandle(channel(), stateMachine)} was given: the way of users of
     * jgroups-raft, who otherwise connect their channel.
     */
    public void start() {
        StateMachine machine = Objects.requireNonNull(member.raft().stateMachine(), "the state machine is not set");
        member.start(new StateMachineReplica(machine));
    }

    /** This member's channel, for a {@code RaftHandle}. It is connected by the start of the log and closed with the log. */
    public JChannel channel() {
        return member.channel();
    }

    @Override
    public CompletionStage<byte[]> append(byte[] command, Duration timeout) {
        return member.append(command, timeout);
    }

    @Override
    public CompletionStage<Void> barrier(Duration timeout) {
        return member.barrier(timeout);
    }

    @Override
    public LogStatus status() {
        return member.status();
    }

    @Override
    public long refusals() {
        return member.refusals();
    }

    @Override
    public void onStatusChange(Runnable listener) {
        member.onStatusChange(listener);
    }

    @Override
    public CompletionStage<Void> addVoter(String memberId, Duration timeout) {
        return member.addVoter(memberId, timeout);
    }

    @Override
    public CompletionStage<Void> removeVoter(String memberId, Duration timeout) {
        return member.removeVoter(memberId, timeout);
    }

    @Override
    public void broadcast(byte[] datagram) {
        member.broadcast(datagram);
    }

    @Override
    public void onBroadcast(BiConsumer<String, byte[]> listener) {
        member.onBroadcast(listener);
    }

    @Override
    public CompletionStage<Void> snapshot() {
        return member.snapshot();
    }

    /**
     * This member as users of jgroups-raft know it: {@code setAsync}, {@code addServer}, {@code leader()} and the like
     * work on any member. What it is told of its own log, such as {@code logDir}, has no effect here.
     */
    public RAFT raft() {
        return member.raft();
    }

    @Override
    public void close() {
        member.close();
    }

    /** The settings of a member. Cluster, id, bind address, data directory and members are needed. */
    public static final class Builder {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

        private @Nullable String cluster;
        private long epoch = 1;
        private @Nullable String self;
        private @Nullable InetSocketAddress bind;
        private @Nullable InetSocketAddress advertised;
        private @Nullable Path directory;
        private @Nullable Supplier<List<InetSocketAddress>> members;
        private @Nullable SSLContext tls;
        private Function<X509Certificate[], Optional<String>> speakers = Builder::memberOf;
        private Predicate<String> admits = member -> true;
        private boolean plaintext;
        private boolean bootstrap;
        private Settings settings = Settings.standard();
        private long snapshotEntries = 20_000;
        private long snapshotBytes = 32L << 20;
        private long keepEntries = 2_000;
        private int maxPending = 8192;

        private Builder() {}

        /**
         * The cluster's name: 1 to 64 letters, digits, dots, dashes, underscores. Members of other clusters are not
         * talked to; so take something unique, such as the cluster's random id, and two clusters that were both
         * bootstrapped can never meet.
         */
        public Builder cluster(String name) {
            cluster = checked(name);
            return this;
        }

        /**
         * The cluster's epoch, 1 unless told otherwise: members of different epochs never meet, so that what was left
         * behind by a recovery cannot mix with what goes on. The data belong to cluster and member, whatever the epoch.
         */
        public Builder epoch(long number) {
            if (number < 1) {
                throw new IllegalArgumentException("an epoch is at least 1");
            }
            epoch = number;
            return this;
        }

        /** This member's id, of the same form; for ever, and no other member's. */
        public Builder self(String id) {
            self = checked(id);
            return this;
        }

        private static String checked(String name) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("'" + name + "' is no name: 1 to 64 of A-Z a-z 0-9 . _ -");
            }
            return name;
        }

        /** Where to listen: one TCP port. */
        public Builder bind(InetSocketAddress address) {
            bind = address;
            return this;
        }

        /** What other members connect to, if it is not the bind address (NAT, containers). */
        public Builder advertise(InetSocketAddress address) {
            advertised = address;
            return this;
        }

        /** Where term, vote, log and snapshots are; created if missing, used by one process at a time. */
        public Builder directory(Path path) {
            directory = path;
            return this;
        }

        /** Addresses of members as known now; asked again at each discovery, so it may change. Must not block. */
        public Builder members(Supplier<List<InetSocketAddress>> current) {
            members = current;
            return this;
        }

        /**
         * Mutual TLS 1.3 with this context; its trust manager says whose certificates are good. A certificate speaks for
         * the node of its {@link NodeIdentity}, or, if it has none, for the common name of its subject, and a member may
         * speak in no other name.
         */
        public Builder tls(SSLContext context) {
            tls = context;
            return this;
        }

        /**
         * As {@link #tls(SSLContext)}, for certificates that name their member in another way, or that stop to do so.
         *
         * @param memberOf the member that a chain, its own certificate first, speaks for now. Asked ten times a second for
         *     each connection, so it must be quick; a connection whose chain speaks for nobody any more is closed.
         */
        public Builder tls(SSLContext context, Function<X509Certificate[], Optional<String>> memberOf) {
            speakers = memberOf;
            return tls(context);
        }

        /**
         * The members that may speak to this one, by id; all whose certificate is good unless told otherwise. Asked for
         * every message, so it must be quick, and its answer may change: whoever is shut out and has no vote loses its
         * connections within 100 ms, and what it sends is dropped.
         */
        public Builder admit(Predicate<String> members) {
            admits = members;
            return this;
        }

        private static Optional<String> memberOf(X509Certificate[] chain) {
            X509Certificate certificate = chain[0];
            return NodeIdentity.of(certificate)
                    .map(identity -> identity.node().text())
                    .or(() -> commonName(certificate));
        }

        private static Optional<String> commonName(X509Certificate certificate) {
            try {
                return new LdapName(certificate.getSubjectX500Principal().getName())
                        .getRdns().stream()
                                .filter(part -> part.getType().equalsIgnoreCase("CN"))
                                .map(part -> part.getValue().toString())
                                .findFirst();
            } catch (InvalidNameException e) {
                return Optional.empty();
            }
        }

        /** Without TLS: for tests on the loopback address only. */
        public Builder plaintext() {
            plaintext = true;
            return this;
        }

        /** Makes this the first member of a new cluster, if its data directory is empty. */
        public Builder bootstrap() {
            bootstrap = true;
            return this;
        }

        /**
         * A follower campaigns after one to two times {@code election} without a leader; a leader shows itself every
         * {@code heartbeat}. 300 ms and 60 ms unless told otherwise.
         */
        public Builder timing(Duration election, Duration heartbeat) {
            Settings s = settings;
            settings = new Settings(
                    election.toMillis(),
                    heartbeat.toMillis(),
                    s.maxMessageEntries(),
                    s.maxMessageBytes(),
                    s.maxInflight(),
                    s.maxUncommittedBytes(),
                    s.maxSnapshotBytes());
            return this;
        }

        /**
         * Takes a snapshot after so many applied entries or bytes. 20,000, 32 MiB and 2,000 unless told otherwise.
         *
         * @param keep so many entries before a snapshot stay in the log, so that who lags a little needs no snapshot
         */
        public Builder snapshotEvery(long entries, long bytes, long keep) {
            snapshotEntries = entries;
            snapshotBytes = bytes;
            keepEntries = keep;
            return this;
        }

        /** How many appends of this member may wait; more are rejected. 8192 unless told otherwise. */
        public Builder maxPending(int commands) {
            maxPending = commands;
            return this;
        }

        /** Touches neither disk nor network; {@link Log#start} does. */
        public JGroupsLog build() {
            InetSocketAddress address = Objects.requireNonNull(bind, "bind");
            if (address.isUnresolved() || (advertised != null && advertised.isUnresolved())) {
                throw new LogException(Outcome.NOT_APPLIED, "the address to bind or to advertise has no IP address");
            }
            if (address.getAddress().isAnyLocalAddress() && advertised == null) {
                throw new LogException(
                        Outcome.NOT_APPLIED, "a member that binds to all interfaces must advertise an address");
            }
            SSLContext context = tls;
            if (context == null) {
                boolean loopback = address.getAddress().isLoopbackAddress();
                if (!plaintext || !loopback) {
                    throw new LogException(
                            Outcome.NOT_APPLIED, "a member needs TLS; plaintext is for the loopback address only");
                }
            }
            Transport transport =
                    new Transport(address, advertised, Objects.requireNonNull(members, "members"), context, speakers);
            return new JGroupsLog(new Member(
                    Objects.requireNonNull(cluster, "cluster"),
                    epoch,
                    Objects.requireNonNull(self, "self"),
                    Objects.requireNonNull(directory, "directory"),
                    bootstrap,
                    transport,
                    settings,
                    new SnapshotPolicy(snapshotEntries, snapshotBytes, keepEntries),
                    maxPending,
                    admits));
        }
    }
}
