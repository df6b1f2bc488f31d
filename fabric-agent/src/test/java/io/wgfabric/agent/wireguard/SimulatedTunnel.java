package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A tunnel in memory that keeps WireGuard's rules: a prefix has one owner, a new key ends all sessions, a route needs a
 * link that is up. A step that a real system would refuse fails.
 */
public final class SimulatedTunnel implements Tunnel, Change.LinkVisitor, Change.PeerVisitor {
    private final List<@Nullable Interface> interfaces = new ArrayList<>();

    private static final class Interface {
        boolean up;
        int mtu = DesiredNetwork.DEFAULT_MTU;

        @Nullable PublicKey key;

        int port;
        final Set<Address> addresses = new TreeSet<>();
        final Map<PublicKey, ActualPeer> peers = new TreeMap<>();
        final Map<Prefix, Route> routes = new TreeMap<>();
    }

    public SimulatedTunnel() {
        interfaces.add(null);
        interfaces.add(null);
    }

    /** One that is in this state. */
    static SimulatedTunnel of(ActualNetwork state) {
        SimulatedTunnel tunnel = new SimulatedTunnel();
        for (int plane = 0; plane < 2; plane++) {
            ActualPlane actual = state.plane(plane);
            if (actual.exists()) {
                Interface made = new Interface();
                made.up = actual.up();
                made.mtu = actual.mtu();
                made.key = actual.publicKey();
                made.port = actual.listenPort();
                made.addresses.addAll(actual.addresses());
                made.peers.putAll(actual.peers());
                made.routes.putAll(actual.routes());
                tunnel.interfaces.set(plane, made);
            }
        }
        return tunnel;
    }

    @Override
    public ActualNetwork read() {
        return new ActualNetwork(read(0), read(1));
    }

    private ActualPlane read(int plane) {
        Interface at = interfaces.get(plane);
        return at == null
                ? ActualPlane.absent()
                : new ActualPlane(true, at.up, at.mtu, at.key, at.port, at.addresses, at.peers, at.routes);
    }

    @Override
    public void apply(List<Change> changes) {
        for (Change change : changes) {
            if (change instanceof Change.LinkChange link) {
                link.accept(this);
            } else if (change instanceof Change.PeerChange peer) {
                peer.accept(this);
            } else if (change instanceof Change.PutRoute put) {
                require(at(put).up, put);
                require(put.source() == null || at(put).addresses.contains(put.source()), put);
                at(put).routes.put(put.destination(), new Route(put.destination(), put.source()));
            } else if (change instanceof Change.RemoveRoute remove) {
                require(at(remove).routes.remove(remove.destination()) != null, remove);
            }
        }
    }

    @Override
    public String backend() {
        return "simulated";
    }

    @Override
    public void tearDown() {
        interfaces.set(0, null);
        interfaces.set(1, null);
    }

    /** Both ends of a session have completed a handshake. */
    public void handshake(int plane, PublicKey peer, Instant time) {
        Interface at = interfaces.get(plane);
        ActualPeer old = at == null ? null : at.peers.get(peer);
        if (at != null && old != null) {
            at.peers.put(
                    peer,
                    new ActualPeer(
                            old.allowedIps(), old.endpoint(), old.keepaliveSeconds(), time, 0, 0, old.presharedKey()));
        }
    }

    private Interface at(Change change) {
        Interface found = interfaces.get(change.plane());
        if (found == null) {
            throw new AssertionError("no interface for " + change);
        }
        return found;
    }

    private static void require(boolean condition, Change change) {
        if (!condition) {
            throw new AssertionError("the system refuses " + change);
        }
    }

    @Override
    public void createInterface(Change.CreateInterface change) {
        require(interfaces.get(change.plane()) == null, change);
        interfaces.set(change.plane(), new Interface());
    }

    @Override
    public void addAddress(Change.AddAddress change) {
        require(at(change).addresses.add(change.address()), change);
    }

    /** As in Linux, the routes with this source go with it. */
    @Override
    public void removeAddress(Change.RemoveAddress change) {
        require(at(change).addresses.remove(change.address()), change);
        at(change).routes.values().removeIf(route -> Objects.equals(change.address(), route.source()));
    }

    @Override
    public void setMtu(Change.SetMtu change) {
        at(change).mtu = change.mtu();
    }

    @Override
    public void bringUp(Change.BringUp change) {
        require(!at(change).up, change);
        at(change).up = true;
    }

    @Override
    public void setListenPort(Change.SetListenPort change) {
        require(at(change).up && at(change).port != change.port(), change);
        at(change).port = change.port();
    }

    @Override
    public void setPrivateKey(Change.SetPrivateKey change) {
        require(at(change).port == change.listenPort(), change);
        at(change).key = change.key().publicKey();
        at(change).peers.clear();
        change.peers().forEach(peer -> add(at(change), peer));
    }

    @Override
    public void deleteInterface(Change.DeleteInterface change) {
        at(change);
        interfaces.set(change.plane(), null);
    }

    private static void add(Interface at, PeerConfig peer) {
        take(at, peer.allowedIps());
        at.peers.put(
                peer.key(),
                new ActualPeer(
                        peer.allowedIps(), peer.endpoint(), peer.keepaliveSeconds(), null, 0, 0, peer.presharedKey()));
    }

    /** Takes prefixes away from whoever has them. */
    private static void take(Interface at, Set<Prefix> prefixes) {
        at.peers.replaceAll((key, peer) -> {
            Set<Prefix> kept = new TreeSet<>(peer.allowedIps());
            kept.removeAll(prefixes);
            return with(peer, kept, peer.endpoint(), peer.keepaliveSeconds());
        });
    }

    private static ActualPeer with(ActualPeer peer, Set<Prefix> allowed, @Nullable Endpoint endpoint, int keepalive) {
        return new ActualPeer(allowed, endpoint, keepalive, peer.lastHandshake(), 0, 0, peer.presharedKey());
    }

    private ActualPeer peer(Change change, PublicKey key) {
        ActualPeer peer = at(change).peers.get(key);
        if (peer == null) {
            throw new AssertionError("no peer for " + change);
        }
        return peer;
    }

    @Override
    public void addPeer(Change.AddPeer change) {
        require(!at(change).peers.containsKey(change.peer().key()), change);
        add(at(change), change.peer());
    }

    @Override
    public void addAllowedIps(Change.AddAllowedIps change) {
        take(at(change), change.added());
        ActualPeer peer = peer(change, change.key());
        Set<Prefix> allowed = new TreeSet<>(peer.allowedIps());
        allowed.addAll(change.added());
        at(change).peers.put(change.key(), with(peer, allowed, peer.endpoint(), peer.keepaliveSeconds()));
    }

    @Override
    public void replaceAllowedIps(Change.ReplaceAllowedIps change) {
        take(at(change), change.all());
        ActualPeer peer = peer(change, change.key());
        at(change).peers.put(change.key(), with(peer, change.all(), peer.endpoint(), peer.keepaliveSeconds()));
    }

    @Override
    public void setEndpoint(Change.SetEndpoint change) {
        ActualPeer peer = peer(change, change.key());
        at(change).peers.put(change.key(), with(peer, peer.allowedIps(), change.endpoint(), peer.keepaliveSeconds()));
    }

    @Override
    public void setKeepalive(Change.SetKeepalive change) {
        ActualPeer peer = peer(change, change.key());
        at(change).peers.put(change.key(), with(peer, peer.allowedIps(), peer.endpoint(), change.seconds()));
    }

    @Override
    public void setPresharedKey(Change.SetPresharedKey change) {
        ActualPeer old = peer(change, change.key());
        at(change)
                .peers
                .put(
                        change.key(),
                        new ActualPeer(
                                old.allowedIps(),
                                old.endpoint(),
                                old.keepaliveSeconds(),
                                old.lastHandshake(),
                                0,
                                0,
                                change.presharedKey()));
    }

    @Override
    public void removePeer(Change.RemovePeer change) {
        peer(change, change.key());
        at(change).peers.remove(change.key());
    }
}
