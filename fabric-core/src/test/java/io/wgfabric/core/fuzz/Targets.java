package io.wgfabric.core.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.Replay;
import io.wgfabric.core.backup.Backup;
import io.wgfabric.core.backup.BackupException;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.codec.CodecException;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.AuthorityCertificate;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.JoinToken;
import io.wgfabric.core.crypto.JoinTokens;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.Pin;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.netmap.DigestedNetmap;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapDelta;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.netmap.VerifiedNetmap;
import io.wgfabric.core.state.Commands;
import io.wgfabric.core.state.Envelope;
import io.wgfabric.core.state.GoldenState;
import io.wgfabric.core.state.Machine;
import io.wgfabric.core.state.State;
import io.wgfabric.core.state.States;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import io.wgfabric.core.wire.PairReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;

/** All that reads bytes of others in this module, with what it may refuse them by. */
final class Targets {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    private final Corpus corpus = Corpus.read();
    private final X509Certificate authority = Certificates.decode(corpus.authority());
    private final State state = state();

    static List<Target> all() {
        Targets targets = new Targets();
        Mutation bytes = new ByteMutation().repeated();
        Mutation json = Mutation.oneOf(new JsonMutation(), new JsonMutation(), new ByteMutation())
                .repeated();
        Mutation der = Mutation.oneOf(new DerMutation(), new DerMutation(), new ByteMutation())
                .repeated();
        Mutation jose = Mutation.oneOf(new JoseMutation(), new JoseMutation(), new ByteMutation())
                .repeated();
        Corpus corpus = targets.corpus;
        return List.of(
                new Target("token", List.of(corpus.token().toArray()), jose, targets.tokens()),
                new Target("request", List.of(corpus.request().toArray()), der, Targets::request),
                new Target(
                        "certificate",
                        List.of(
                                corpus.certificate().toArray(),
                                corpus.signerCertificate().toArray(),
                                corpus.authority().toArray()),
                        der,
                        targets::certificate),
                new Target("netmap", List.of(corpus.netmap().toArray()), jose, targets.netmaps()),
                new Target("delta", List.of(corpus.delta().toArray()), json, targets.deltas()),
                new Target("wire", targets.wire(), json, targets::wire),
                new Target("envelope", targets.envelopes(), json, targets::envelope),
                new Target("outcome", golden("outcome"), json, Targets::outcome),
                new Target("snapshot", snapshots(), json, Targets::snapshot),
                new Target("backup", List.of(backup()), bytes, targets.backups()),
                new Target("text", texts(), bytes, Targets::text));
    }

    /** A cluster in the middle of everything: nodes, tokens of each kind, one node that rotates, one in quarantine. */
    static State state() {
        return middle().state;
    }

    /** The same when one node has come back from quarantine and another one is gone. */
    static State later() {
        Commands commands = middle();
        commands.apply(Commands.SYSTEM, new Command.ReleaseNode(NodeId.of(4))).orThrow();
        commands.apply(Commands.SYSTEM, new Command.RemoveNode(NodeId.of(2), "gone"))
                .orThrow();
        return commands.state;
    }

    private static Commands middle() {
        Commands commands = Commands.bootstrapped("10.0.0.0/24", "fd00::/64");
        TokenId peers = commands.token(1, Role.PEER, 0);
        TokenId managers = commands.token(2, Role.MGMT, 3);
        commands.join(managers, 1, Role.MGMT).orThrow();
        commands.join(managers, 2, Role.MGMT).orThrow();
        commands.join(peers, 3).orThrow();
        commands.join(peers, 4).orThrow();
        commands.apply(Commands.SYSTEM, new Command.RaiseLevel(2));
        commands.apply(Commands.SYSTEM, new Command.RotateNodeKey(NodeId.of(3))).orThrow();
        commands.apply(Commands.SYSTEM, new Command.QuarantineNode(NodeId.of(4), "lost"))
                .orThrow();
        return commands;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<byte[]> golden(String folder) {
        try (Stream<Path> files = Files.list(GOLDEN.resolve(folder))) {
            List<byte[]> contents = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                contents.add(Files.readAllBytes(file));
            }
            return contents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Only the token itself is genuine, however it is written; what is read without the signature is never trusted. */
    private Target.Reader tokens() {
        JoinTokens tokens = new JoinTokens(
                Corpus.CLUSTER,
                Keys.generateEd25519().getPrivate(),
                Keys.decodePublic("Ed25519", corpus.tokenKey().toArray()));
        JoinToken original = JoinToken.peek(new String(corpus.token().toArray(), StandardCharsets.UTF_8));
        return input -> {
            String text = new String(input, StandardCharsets.UTF_8);
            try {
                JoinToken.peek(text);
            } catch (CryptoException e) {
                assertEquals(1, String.valueOf(e.getMessage()).lines().count());
            }
            if (tokens.verify(text) instanceof JoinTokens.Checked.Genuine genuine) {
                assertEquals(original, genuine.token());
                return true;
            }
            return false;
        };
    }

    private static boolean request(byte[] input) {
        try {
            CertificateAuthority.subjectOf(Bytes.of(input));
            return true;
        } catch (CryptoException e) {
            return false;
        }
    }

    /**
     * A certificate that says anything else is none of the authority's, whatever else it may be. Around what is signed
     * DER may differ, such as in the count of unused bits of the signature, which the JDK does not look at.
     */
    private boolean certificate(byte[] input) {
        X509Certificate certificate;
        try {
            certificate = Certificates.decode(Bytes.of(input));
        } catch (CryptoException e) {
            return false;
        }
        Optional<NodeIdentity> identity = NodeIdentity.of(certificate);
        boolean signer =
                CertificateAuthority.configSigner(certificate, Corpus.CLUSTER).isPresent();
        var unused = Pin.of(certificate);
        FabricTrust trust = new FabricTrust(authority, Corpus.CLUSTER, any -> true, () -> Corpus.TIME);
        try {
            trust.checkClientTrusted(new X509Certificate[] {certificate}, "UNKNOWN");
            assertArrayEquals(
                    Certificates.decode(corpus.certificate()).getTBSCertificate(), certificate.getTBSCertificate());
        } catch (CertificateException e) {
            return signer || identity.isPresent() || certificate.getBasicConstraints() >= 0;
        }
        return true;
    }

    private Target.Reader netmaps() {
        NetmapVerifier verifier =
                new NetmapVerifier(Corpus.CLUSTER, () -> Authorities.of(authority), () -> Corpus.TIME);
        Netmap original = verifier.verify(new String(corpus.netmap().toArray(), StandardCharsets.UTF_8));
        return input -> {
            try {
                assertEquals(original, verifier.verify(new String(input, StandardCharsets.UTF_8)));
                return true;
            } catch (CryptoException e) {
                return false;
            }
        };
    }

    /** Whatever else the line says, nothing but the genuine delta leads anywhere, and it leads to one place. */
    private Target.Reader deltas() {
        NetmapVerifier verifier =
                new NetmapVerifier(Corpus.CLUSTER, () -> Authorities.of(authority), () -> Corpus.TIME);
        String base = new String(corpus.netmap().toArray(), StandardCharsets.UTF_8);
        VerifiedNetmap have = verifier.verify(SignedNetmap.of(base), 1);
        Netmap next = Netmap.of(Replay.of(later())).orElseThrow();
        return input -> {
            String line = new String(input, StandardCharsets.UTF_8);
            var unused = new SignedNetmap(base, List.of(line)).claimed();
            try {
                assertEquals(next, verifier.follow(have, line, 1).netmap());
                return true;
            } catch (CryptoException e) {
                return false;
            }
        };
    }

    private List<byte[]> wire() {
        JoinRequest request = new JoinRequest(
                new RequestId("r1"),
                new String(corpus.token().toArray(), StandardCharsets.UTF_8),
                Role.PEER,
                new NodeName("peer-1"),
                Commands.keys(7),
                new NodeEndpoints(List.of(Address.parse("192.0.2.1"), Address.parse("fd00::1")), 51820, 51821),
                null,
                corpus.request());
        JoinAnswer answer = new JoinAnswer(
                Corpus.CLUSTER,
                state.find(NodeId.of(3)).orElseThrow(),
                corpus.certificate(),
                List.of(new AuthorityCertificate(2, corpus.authority(), corpus.authority())),
                "netmap",
                null,
                Bytes.of(new byte[32]),
                List.of("m1:7800"));
        Heartbeat heartbeat = new Heartbeat(
                1,
                new Revision(5),
                new Revision(4),
                "1.0",
                "kernel",
                3,
                new Heartbeat.Traffic(1L, 2L, 3, 4),
                2,
                Bytes.of(new byte[32]),
                1L,
                List.of(NodeId.of(3)),
                List.of(PairReport.direct(NodeId.of(3), 12L), PairReport.relayed(NodeId.of(4), NodeId.of(3))));
        Netmap netmap = Netmap.of(Replay.of(state)).orElseThrow();
        List<byte[]> wire = new ArrayList<>();
        NetmapDelta delta = NetmapDelta.between(
                DigestedNetmap.of(netmap),
                DigestedNetmap.of(Netmap.of(Replay.of(later())).orElseThrow()));
        for (Object value : List.of(request, answer, heartbeat, netmap, delta)) {
            wire.add(Json.mapper().writeValueAsBytes(value));
        }
        return wire;
    }

    private boolean wire(byte[] input) {
        boolean accepted = false;
        DigestedNetmap before = DigestedNetmap.of(Netmap.of(Replay.of(state)).orElseThrow());
        for (Class<?> type :
                List.of(JoinRequest.class, JoinAnswer.class, Heartbeat.class, Netmap.class, NetmapDelta.class)) {
            try {
                Object value = Json.mapper().readValue(input, type);
                accepted |= value != null;
                if (value instanceof NetmapDelta delta) {
                    // As a node does with what a manager signed, be it sensible or not.
                    var unused = before.apply(delta);
                }
            } catch (JacksonException e) {
                // The documented refusal.
            }
        }
        return accepted;
    }

    /** Every kind of command, those of the golden files and those that mean something in this state. */
    private List<byte[]> envelopes() {
        List<byte[]> envelopes = golden("command");
        NodeEndpoints endpoints = new NodeEndpoints(List.of(Address.parse("192.0.2.1")), 51820, 51821);
        List<Command> commands = List.of(
                new Commands().createToken(7, Role.PEER, 1),
                new Commands().createTokenFor(8, Address.parse("10.0.0.77")),
                new Command.RevokeToken(TokenId.of(1), true),
                Commands.joinNode(TokenId.of(1), 9, Role.PEER),
                Commands.joinNode(TokenId.of(2), 10, Role.MGMT),
                new Command.UpdateNode(NodeId.of(3), endpoints, null),
                new Command.RemoveNode(NodeId.of(2), "gone"),
                new Command.QuarantineNode(NodeId.of(3), "lost"),
                new Command.ReleaseNode(NodeId.of(4)),
                new Command.RotateNodeKey(NodeId.of(1)),
                new Command.PublishKey(NodeId.of(3), Plane.SPARE, Commands.key(77)),
                new Command.RecordRefusal("join", Rejection.Reason.TOKEN_MALFORMED, 3),
                new Command.RecoverCluster(2, NodeId.of(1), "two disks died"));
        for (Command command : commands) {
            boolean join = command instanceof Command.JoinNode;
            Actor actor = join ? new Actor(Actor.Kind.TOKEN, TokenId.of(1).text(), "192.0.2.1") : Commands.SYSTEM;
            envelopes.add(Codec.encode(new Envelope(Commands.START, actor, new RequestId("fuzz"), command)));
        }
        return envelopes;
    }

    /** The machine decides whatever can be decoded; what it refuses changes nothing but audit and request table. */
    private boolean envelope(byte[] input) {
        Envelope envelope;
        try {
            envelope = Codec.decodeEnvelope(input);
        } catch (CodecException e) {
            return false;
        }
        Machine.Result result = Machine.apply(state, envelope, Codec.fingerprint(envelope));
        assertEquals(result.outcome(), Codec.decodeOutcome(Codec.encode(result.outcome())));
        State after = result.state();
        if (result.outcome() instanceof Outcome.Rejected) {
            assertSameBut(after);
            return false;
        }
        byte[] snapshot = Codec.encode(after);
        assertArrayEquals(snapshot, Codec.encode(Codec.decodeState(snapshot)));
        return true;
    }

    private void assertSameBut(State after) {
        assertEquals(state, States.asIfUnasked(after, state));
        assertSame(state.nodes(), after.nodes());
    }

    private static boolean outcome(byte[] input) {
        try {
            Codec.encode(Codec.decodeOutcome(input));
            return true;
        } catch (CodecException e) {
            return false;
        }
    }

    private static List<byte[]> snapshots() {
        return List.of(Codec.encode(GoldenState.state()), Codec.encode(GoldenState.sealed()), Codec.encode(state()));
    }

    private static boolean snapshot(byte[] input) {
        try {
            Codec.decodeState(input);
            return true;
        } catch (CodecException e) {
            return false;
        }
    }

    private static Sealer sealer() {
        byte[] key = new byte[Sealer.KEY_BYTES];
        Arrays.fill(key, (byte) 0x33);
        return new Sealer(key);
    }

    private static byte[] backup() {
        return Backup.seal(state(), sealer(), Corpus.TIME);
    }

    private Target.Reader backups() {
        Sealer sealer = sealer();
        return input -> {
            try {
                assertEquals(state, Backup.parse(input).open(sealer));
                return true;
            } catch (BackupException e) {
                return false;
            }
        };
    }

    private static List<byte[]> texts() {
        return List.of(
                utf8("10.0.0.1"),
                utf8("fd00::1:0:ffff"),
                utf8("::ffff:192.0.2.1"),
                utf8("10.0.0.0/8"),
                utf8("fd00::/64"),
                utf8("[fd00::1]:51820"),
                utf8("192.0.2.1:51820"),
                utf8(Commands.key(5).toString()),
                utf8(NodeId.of(77).text()),
                utf8(TokenId.of(77).text()),
                utf8("peer"),
                utf8("node-1"),
                utf8("wgfop.o-0000000000007." + "A".repeat(43)));
    }

    /** What is short and written by people: values of the API, and credentials. */
    private static boolean text(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        boolean accepted = OperatorCredential.parse(text).isPresent();
        List<Function<String, Object>> parsers = List.of(
                Address::parse,
                Prefix::parse,
                Endpoint::parse,
                PublicKey::parse,
                ClusterId::parse,
                NodeId::parse,
                TokenId::parse,
                RequestId::parse,
                NodeName::parse,
                PairReport::parse,
                Role::parse);
        for (Function<String, Object> parser : parsers) {
            try {
                accepted |= parser.apply(text) != null;
            } catch (IllegalArgumentException e) {
                // The documented refusal.
            }
        }
        return accepted;
    }
}
