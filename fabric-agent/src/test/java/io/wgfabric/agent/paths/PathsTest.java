package io.wgfabric.agent.paths;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPeer;
import io.wgfabric.agent.wireguard.ActualPlane;
import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeEndpoints.Reflexive;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.Topology;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PathsTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Member hubA = member(1, Role.MGMT, "192.0.2.1", null);
    private final Member hubB = member(2, Role.MGMT, "192.0.2.2", null);
    private final Member open = member(3, Role.PEER, "192.0.2.3", null);
    private final Member left = member(4, Role.PEER, "10.1.0.4", nat("198.51.100.4:4004", true));
    private final Member right = member(5, Role.PEER, "10.1.0.5", nat("198.51.100.5:5005", true));

    private Instant now = START;

    private static Member member(long id, Role role, String address, @Nullable Reflexive reflexive) {
        return new Member(
                NodeId.of(id),
                new NodeName("n" + id),
                role,
                List.of(Address.parse("10.9.0." + id), Address.parse("fd00::" + id)),
                new NodeKeys(key(2 * id), key(2 * id + 1)),
                new NodeEndpoints(
                        Arrays.stream(address.split(" ")).map(Address::parse).toList(), 51820, 51821, reflexive),
                START.minusSeconds(1000 - id),
                role == Role.MGMT ? "m" + id + ".example.net:7443" : null,
                null);
    }

    private static Member with(Member member, @Nullable Reflexive reflexive, @Nullable Rotation rotation) {
        return new Member(
                member.id(),
                member.name(),
                member.role(),
                member.addresses(),
                member.keys(),
                new NodeEndpoints(member.endpoints().addresses(), 51820, 51821, reflexive),
                member.joined(),
                member.api(),
                rotation);
    }

    private static Reflexive nat(String endpoint, boolean independent) {
        return new Reflexive(Endpoint.parse(endpoint), independent);
    }

    private static PublicKey key(long number) {
        byte[] bytes = new byte[32];
        bytes[31] = (byte) number;
        return PublicKey.of(bytes);
    }

    /** One end: what its interface shows, what it decides. */
    private final class End {
        private final Paths paths = new Paths();
        private final Member self;
        private final Map<PublicKey, ActualPeer> peers = new HashMap<>();
        private final Map<NodeId, Echo> echoes = new HashMap<>();

        End(Member self) {
            this.self = self;
        }

        void session(Member other, Instant handshake, long received) {
            peers.put(other.keys().main(), new ActualPeer(Set.of(), null, 0, handshake, received, 0));
        }

        void carries(Member holder, Member other, Instant handshake) {
            Set<Prefix> prefixes = new TreeSet<>();
            other.addresses().forEach(address -> prefixes.add(address.toPrefix()));
            peers.put(holder.keys().main(), new ActualPeer(prefixes, null, 0, handshake, 1, 0));
        }

        Path to(Member other, Member... others) {
            List<Member> members = new ArrayList<>(List.of(hubA, hubB, open));
            members.removeIf(each -> each.id().equals(self.id()) || each.id().equals(other.id()));
            members.addAll(List.of(self, other));
            members.addAll(List.of(others));
            Netmap netmap = new Netmap(
                    ClusterId.of(1), 1, new Revision(5), 1420, List.of(Prefix.parse("10.9.0.0/24")), members);
            ActualPlane main = new ActualPlane(true, true, 1420, key(99), 51820, Set.of(), peers, Map.of());
            Map<NodeId, Path> all = paths.decide(
                    netmap,
                    self,
                    new ActualNetwork(main, ActualPlane.absent()),
                    node -> echoes.getOrDefault(node, Echo.NONE),
                    now);
            Path path = all.get(other.id());
            assertNotNull(path);
            return path;
        }

        /** In a hub topology; null if there is no path. */
        @Nullable Path spokeTo(Member other, List<Member> members) {
            Netmap netmap = new Netmap(
                    ClusterId.of(1),
                    1,
                    new Revision(5),
                    1420,
                    List.of(Prefix.parse("10.9.0.0/24")),
                    members,
                    null,
                    null,
                    Topology.HUB,
                    null);
            ActualPlane main = new ActualPlane(true, true, 1420, key(99), 51820, Set.of(), peers, Map.of());
            return paths.decide(
                            netmap,
                            self,
                            new ActualNetwork(main, ActualPlane.absent()),
                            node -> echoes.getOrDefault(node, Echo.NONE),
                            now)
                    .get(other.id());
        }

        void hubsAnswer() {
            session(hubA, now, now.toEpochMilli());
            session(hubB, now, now.toEpochMilli());
        }
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private static Path.@Nullable Direct attempt(Path path) {
        assertTrue(path instanceof Path.Relayed, path.toString());
        return ((Path.Relayed) path).attempt();
    }

    private static NodeId via(Path path) {
        assertTrue(path instanceof Path.Relayed, path.toString());
        return ((Path.Relayed) path).via();
    }

    private static Path.Direct direct(Path path) {
        assertTrue(path instanceof Path.Direct, path.toString());
        return (Path.Direct) path;
    }

    @Test
    void whoIsBehindANatBeginsWithWhoIsNot() {
        Path.Direct toOpen = direct(new End(left).to(open));
        assertTrue(toOpen.initiator());
        assertEquals(
                "192.0.2.3:51820",
                String.valueOf(
                        toOpen.candidate() == null ? null : toOpen.candidate().main()));
        assertEquals(Paths.KEEPALIVE_SECONDS, toOpen.keepaliveSeconds());
        Path.Direct toLeft = direct(new End(open).to(left));
        assertFalse(toLeft.initiator());
        assertNull(toLeft.candidate());
        assertEquals(0, toLeft.keepaliveSeconds());
    }

    @Test
    void aPairBehindTwoNatsBeginsRelayedAndTheOtherEndTriesAMomentLater() {
        End one = new End(left);
        End two = new End(right);
        one.hubsAnswer();
        two.hubsAnswer();
        Path.Direct first = attempt(two.to(left));
        assertNotNull(first);
        assertTrue(first.initiator(), "the one that joined later begins");
        assertEquals(
                "198.51.100.4:4004",
                String.valueOf(
                        first.candidate() == null ? null : first.candidate().main()));
        Path.Direct waits = attempt(one.to(right));
        assertNotNull(waits, "it can answer meanwhile");
        assertFalse(waits.initiator());
        pass(Paths.HEAD_START);
        Path.Direct follows = attempt(one.to(right));
        assertNotNull(follows);
        assertTrue(follows.initiator());
        pass(Paths.TRY);
        assertNull(attempt(one.to(right)), "not for ever");
    }

    @Test
    void bothMoveToTheSessionAtTheSameTimeAfterItsHandshake() {
        End end = new End(left);
        end.hubsAnswer();
        via(end.to(right));
        pass(Duration.ofSeconds(1));
        end.session(right, now, 100);
        via(end.to(right));
        pass(Paths.MOVE_AFTER.minusMillis(1));
        via(end.to(right));
        assertTrue(end.paths.pause().compareTo(Duration.ofMillis(1)) <= 0, "it looks again in time");
        pass(Duration.ofMillis(1));
        Path.Direct path = direct(end.to(right));
        assertEquals(Paths.KEEPALIVE_SECONDS, path.keepaliveSeconds());
        assertTrue(end.paths.watched().contains(right.id()));
    }

    private End met() {
        End end = new End(left);
        end.hubsAnswer();
        via(end.to(right));
        end.session(right, now, 100);
        pass(Paths.MOVE_AFTER);
        direct(end.to(right));
        return end;
    }

    @Test
    void aDirectWayThatFellSilentIsLeftAndItsSessionForgotten() {
        End end = met();
        pass(Paths.SILENCE);
        direct(end.to(right));
        end.echoes.put(right.id(), new Echo(Paths.LOST, null));
        assertNull(attempt(end.to(right)), "the entry goes, and its session with it");
        end.peers.remove(right.keys().main());
        Member moved = with(right, nat("198.51.100.5:6006", true), null);
        Path.Direct again = attempt(end.to(moved));
        assertNotNull(again, "a new candidate is tried at once");
        end.session(moved, now, 10);
        pass(Paths.MOVE_AFTER);
        direct(end.to(moved));
    }

    @Test
    void aDirectWayOverWhichSomethingComesIsNotSilentWhateverEchoesSay() {
        End end = met();
        end.echoes.put(right.id(), new Echo(Paths.LOST, null));
        pass(Paths.SILENCE);
        end.session(right, now.minus(Paths.SILENCE), 101);
        direct(end.to(right));
    }

    @Test
    void bothEndsChooseTheSameRelayAndPairsAreSpread() {
        Set<NodeId> chosen = new HashSet<>();
        for (long id = 10; id < 30; id++) {
            Member other = member(id, Role.PEER, "10.1.0.1", nat("198.51.100." + id + ":1", true));
            End one = new End(left);
            End two = new End(other);
            one.hubsAnswer();
            two.hubsAnswer();
            NodeId relay = via(one.to(other));
            assertEquals(relay, via(two.to(left)));
            chosen.add(relay);
        }
        assertEquals(Set.of(hubA.id(), hubB.id()), chosen);
    }

    @Test
    void aRelayThatFellSilentIsReplacedUntilItIsHeardAgain() {
        End end = new End(left);
        end.hubsAnswer();
        NodeId first = via(end.to(right));
        assertTrue(end.paths.watched().contains(first));
        Member relay = first.equals(hubA.id()) ? hubA : hubB;
        pass(Paths.SILENCE);
        end.echoes.put(first, new Echo(Paths.LOST, null));
        NodeId second = via(end.to(right));
        assertFalse(second.equals(first));
        end.session(relay, now, now.toEpochMilli());
        assertEquals(first, via(end.to(right)));
    }

    @Test
    void twoNatsThatGiveEachDestinationAnotherPortAreNotTried() {
        Member one = with(left, nat("198.51.100.4:4004", false), null);
        Member two = with(right, nat("198.51.100.5:5005", false), null);
        assertNull(attempt(new End(one).to(two)));
        assertNotNull(attempt(new End(one).to(right)), "one alone may meet the other");
    }

    @Test
    void neighboursBehindOneNatAreDirectFromTheStart() {
        Member neighbour = with(right, nat("198.51.100.4:5005", true), null);
        Path.Direct path = direct(new End(neighbour).to(left));
        assertEquals(
                "10.1.0.4:51820",
                String.valueOf(
                        path.candidate() == null ? null : path.candidate().main()));
    }

    @Test
    void aPairThatShouldMeetAndDoesNotIsRelayedUntilItDoes() {
        End end = new End(open);
        end.hubsAnswer();
        Member other = member(6, Role.PEER, "192.0.2.6 192.0.2.66", null);
        direct(end.to(other));
        pass(Paths.PATIENCE);
        end.hubsAnswer();
        Path.Direct attempt = attempt(end.to(other));
        assertNotNull(attempt, "the other end may come at any time");
        end.session(other, now, 1);
        pass(Paths.MOVE_AFTER);
        direct(end.to(other));
    }

    @Test
    void eachAddressIsTriedInTurn() {
        Member other = member(3, Role.PEER, "192.0.2.3 192.0.2.33", null);
        Member self = member(6, Role.PEER, "192.0.2.6", null);
        End end = new End(self);
        Set<String> tried = new TreeSet<>();
        for (int i = 0; i < 60; i++) {
            Path path = end.to(other);
            Path.Direct direct = path instanceof Path.Relayed ? attempt(path) : direct(path);
            assertNotNull(direct);
            tried.add(String.valueOf(
                    direct.candidate() == null ? null : direct.candidate().main()));
            pass(Duration.ofSeconds(1));
        }
        assertEquals(Set.of("192.0.2.3:51820", "192.0.2.33:51820"), tried);
    }

    @Test
    void anAgentThatStartsAgainLeavesPairsWhereTheyAre() {
        End direct = new End(left);
        direct.hubsAnswer();
        direct.carries(right, right, now);
        direct(direct.to(right));
        End relayed = new End(open);
        relayed.hubsAnswer();
        relayed.carries(hubA, right, now);
        via(relayed.to(right));
    }

    @Test
    void whileAKeyRotatesAPairBehindTwoNatsIsRelayedAndThenTriesAgain() {
        End end = met();
        Rotation rotation = new Rotation(Rotation.Phase.MOVE_OUT, now, new Revision(7));
        Member rotating = with(right, right.endpoints().reflexive(), rotation);
        assertNull(attempt(end.to(rotating)));
        end.peers.remove(right.keys().main());
        pass(Duration.ofSeconds(30));
        end.hubsAnswer();
        assertNull(attempt(end.to(rotating)));
        assertNotNull(attempt(end.to(right)));
    }

    @Test
    void aPairThatDidNotMeetIsTriedAgainInTurnsThatBothKnow() {
        End one = new End(left);
        End two = new End(right);
        one.to(right);
        two.to(left);
        pass(Paths.TRY);
        int turns = 0;
        boolean before = false;
        for (int second = 0; second < 120; second++) {
            boolean tries = attempt(one.to(right)) != null;
            assertEquals(tries, attempt(two.to(left)) != null);
            turns += tries && !before ? 1 : 0;
            before = tries;
            pass(Duration.ofSeconds(1));
        }
        assertTrue(turns >= 2, turns + " turns in two minutes");
    }

    @Test
    void globalAddressesOfIpv6AreTriedBeforeWhatANatMakes() {
        Member one = member(4, Role.PEER, "10.1.0.4 2001:db8::4", nat("198.51.100.4:4004", true));
        Member two = member(5, Role.PEER, "10.1.0.5 2001:db8::5", nat("198.51.100.5:5005", true));
        assertEquals(
                List.of("[2001:db8::4]:51820", "198.51.100.4:4004"),
                Candidate.of(two, one).stream()
                        .map(candidate -> candidate.main().toString())
                        .toList());
    }

    @Test
    void withoutARelayThePairIsDirectForWhatItIsWorth() {
        Netmap alone = new Netmap(
                ClusterId.of(1), 1, new Revision(5), 1420, List.of(Prefix.parse("10.9.0.0/24")), List.of(left, right));
        Map<NodeId, Path> all = new Paths()
                .decide(
                        alone,
                        left,
                        new ActualNetwork(ActualPlane.absent(), ActualPlane.absent()),
                        node -> Echo.NONE,
                        now);
        assertTrue(all.get(right.id()) instanceof Path.Direct);
    }

    @Test
    void aSpokeTalksToHubsAndThroughTheFirstOneThatIsAlive() {
        List<Member> members = List.of(hubA, hubB, open, left);
        End spoke = new End(left);
        spoke.hubsAnswer();
        assertTrue(spoke.spokeTo(hubB, members) instanceof Path.Direct);
        assertEquals(new Path.Relayed(hubA.id(), null), spoke.spokeTo(open, members));
        spoke.echoes.put(hubA.id(), new Echo(Paths.LOST, null));
        pass(Paths.SILENCE);
        assertEquals(new Path.Relayed(hubB.id(), null), spoke.spokeTo(open, members));
        assertNull(new End(left).spokeTo(open, List.of(open, left)), "without a hub there is no way");
    }

    /** Each end that left the hub before the other one looks would be heard by nobody so long. */
    @Test
    void twoThatWereSpokesLeaveTheirHubAtOneTime_soonAfterTheirHandshake() {
        End spoke = new End(left);
        List<Member> members = List.of(hubA, hubB, open, left);
        spoke.hubsAnswer();
        spoke.spokeTo(open, members);
        pass(Paths.PATIENCE);
        spoke.hubsAnswer();
        assertTrue(spoke.to(open) instanceof Path.Relayed relayed && relayed.attempt() != null, "now it is a mesh");
        assertTrue(spoke.paths.pause().compareTo(Duration.ofMillis(100)) < 0, "both look often");
        spoke.session(open, now, 1);
        assertTrue(spoke.to(open) instanceof Path.Relayed);
        assertTrue(spoke.paths.pause().compareTo(Duration.ofMillis(100)) < 0);
        pass(Paths.MOVE_AFTER);
        assertTrue(spoke.to(open) instanceof Path.Direct);
    }

    @Test
    void aPairThatNeverMeetsIsNotLookedAtOftenForEver() {
        End spoke = new End(left);
        spoke.hubsAnswer();
        spoke.spokeTo(open, List.of(hubA, hubB, open, left));
        pass(Paths.PATIENCE);
        spoke.hubsAnswer();
        spoke.to(open);
        pass(Paths.PATIENCE);
        spoke.hubsAnswer();
        assertTrue(spoke.to(open) instanceof Path.Relayed);
        assertTrue(spoke.paths.pause().compareTo(Duration.ofSeconds(1)) > 0);
    }

    @Test
    void aHubTalksToEverybody() {
        assertTrue(new End(hubA).spokeTo(left, List.of(hubA, hubB, open, left)) instanceof Path.Direct);
    }
}
