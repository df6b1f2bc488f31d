package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One step from what is to what shall be, on one plane. */
public sealed interface Change permits Change.LinkChange, Change.PeerChange, Change.RouteChange {

    /** 0 or 1. */
    int plane();

    /** A change of an interface itself. */
    sealed interface LinkChange extends Change
            permits CreateInterface,
                    AddAddress,
                    RemoveAddress,
                    SetMtu,
                    BringUp,
                    SetListenPort,
                    SetPrivateKey,
                    DeleteInterface {
        void accept(LinkVisitor visitor);
    }

    /** A change of the peers of an interface. */
    sealed interface PeerChange extends Change
            permits AddPeer, AddAllowedIps, ReplaceAllowedIps, SetEndpoint, SetKeepalive, SetPresharedKey, RemovePeer {
        void accept(PeerVisitor visitor);
    }

    /** A change of the routes to an interface. */
    sealed interface RouteChange extends Change permits PutRoute, RemoveRoute {
        Prefix destination();
    }

    /** One method for each change of an interface. */
    interface LinkVisitor {
        void createInterface(CreateInterface change);

        void addAddress(AddAddress change);

        void removeAddress(RemoveAddress change);

        void setMtu(SetMtu change);

        void bringUp(BringUp change);

        void setListenPort(SetListenPort change);

        void setPrivateKey(SetPrivateKey change);

        void deleteInterface(DeleteInterface change);
    }

    /** One method for each change of a peer. */
    interface PeerVisitor {
        void addPeer(AddPeer change);

        void addAllowedIps(AddAllowedIps change);

        void replaceAllowedIps(ReplaceAllowedIps change);

        void setEndpoint(SetEndpoint change);

        void setKeepalive(SetKeepalive change);

        void setPresharedKey(SetPresharedKey change);

        void removePeer(RemovePeer change);
    }

    /** Makes the interface, down and without key, port or peers. */
    record CreateInterface(int plane) implements LinkChange {
        @Override
        public void accept(LinkVisitor visitor) {
            visitor.createInterface(this);
        }
    }

    /** Sets an overlay address, as a /32 or /128. */
    record AddAddress(int plane, Address address) implements LinkChange {
        @Override
        public void accept(LinkVisitor visitor) {
            visitor.addAddress(this);
        }
    }

    record RemoveAddress(int plane, Address address) implements LinkChange {
        @Override
        public void accept(LinkVisitor visitor) {
            visitor.removeAddress(this);
        }
    }

    record SetMtu(int plane, int mtu) implements LinkChange {
        @Override
        public void accept(LinkVisitor visitor) {
            visitor.setMtu(this);
        }
    }

    /** Sets the loose mode of the reverse path filter (RFC 3704 section 2.4), then the link up. */
    record BringUp(int plane) implements LinkChange {
        @Override
        public void accept(LinkVisitor visitor) {
            visitor.bringUp(this);
        }
    }

    /** Binds the UDP port of an interface that is up. */
    record SetListenPort(int plane, int port) implements LinkChange {
        @Override
        public void accept(LinkVisitor visitor) {
            visitor.setListenPort(this);
        }
    }

    /**
     * Sets the private key and replaces all peers by these, as one step: the sessions under the old key are dead for
     * sending, and entries that stayed would keep the time of a handshake that no longer counts.
     *
     * @param listenPort the port that the interface has and keeps
     */
    record SetPrivateKey(int plane, PrivateKey key, int listenPort, List<PeerConfig> peers) implements LinkChange {
        public SetPrivateKey {
            peers = List.copyOf(peers);
        }

        @Override
        public void accept(LinkVisitor visitor) {
            visitor.setPrivateKey(this);
        }
    }

    /** Removes the interface with its addresses and routes. */
    record DeleteInterface(int plane) implements LinkChange {
        @Override
        public void accept(LinkVisitor visitor) {
            visitor.deleteInterface(this);
        }
    }

    /** Adds a peer that does not exist yet; prefixes that another peer has move to it atomically. */
    record AddPeer(int plane, PeerConfig peer) implements PeerChange {
        @Override
        public void accept(PeerVisitor visitor) {
            visitor.addPeer(this);
        }
    }

    /**
     * Gives further prefixes to a peer; those that another peer has move atomically.
     *
     * @param added what it lacks
     * @param all what it then has: for a backend that can only set everything
     */
    record AddAllowedIps(int plane, PublicKey key, Set<Prefix> added, Set<Prefix> all) implements PeerChange {
        public AddAllowedIps {
            added = Collections.unmodifiableSet(new TreeSet<>(added));
            all = Collections.unmodifiableSet(new TreeSet<>(all));
        }

        @Override
        public void accept(PeerVisitor visitor) {
            visitor.addAllowedIps(this);
        }
    }

    /** Sets the prefixes of a peer that has some to lose. */
    record ReplaceAllowedIps(int plane, PublicKey key, Set<Prefix> all) implements PeerChange {
        public ReplaceAllowedIps {
            all = Collections.unmodifiableSet(new TreeSet<>(all));
        }

        @Override
        public void accept(PeerVisitor visitor) {
            visitor.replaceAllowedIps(this);
        }
    }

    /** Sets the endpoint of a peer without a live session. */
    record SetEndpoint(int plane, PublicKey key, Endpoint endpoint) implements PeerChange {
        @Override
        public void accept(PeerVisitor visitor) {
            visitor.setEndpoint(this);
        }
    }

    /** @param seconds 0 for none; going from none to some sends a packet at once */
    record SetKeepalive(int plane, PublicKey key, int seconds) implements PeerChange {
        @Override
        public void accept(PeerVisitor visitor) {
            visitor.setKeepalive(this);
        }
    }

    /** @param presharedKey for the next handshake; a session that lives is not touched */
    record SetPresharedKey(int plane, PublicKey key, PresharedKey presharedKey) implements PeerChange {
        @Override
        public void accept(PeerVisitor visitor) {
            visitor.setPresharedKey(this);
        }
    }

    record RemovePeer(int plane, PublicKey key) implements PeerChange {
        @Override
        public void accept(PeerVisitor visitor) {
            visitor.removePeer(this);
        }
    }

    /** Makes a route or replaces the one to the same destination, atomically. */
    record PutRoute(int plane, Prefix destination, @Nullable Address source) implements RouteChange {}

    record RemoveRoute(int plane, Prefix destination) implements RouteChange {}
}
