package io.wgfabric.agent.wireguard;

import io.wgfabric.api.PublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What both kinds of tunnel share: interfaces, addresses and routes through {@code ip}, and whose they are. */
abstract sealed class LinkTunnel implements Tunnel permits KernelTunnel, UserspaceTunnel {
    /**
     * What the system takes from one write whole: a pipe holds 64 KiB, a Unix socket more. If this process is killed
     * while it writes a longer request, the other end gets the beginning of it and may take half a prefix for a whole
     * one.
     */
    static final int MAX_REQUEST_BYTES = 48 << 10;

    /** What a change is at most in either text: keys, endpoint and keepalive, then each prefix. */
    private static final int CHANGE_BYTES = 320;

    private static final int PREFIX_BYTES = 64;

    private final List<String> names;
    private final Links links;
    private final LinkMemory memory;
    private final Set<PublicKey> ownKeys;

    /** @param ownKeys of all private keys that this node ever configured: an interface with another one is not ours */
    LinkTunnel(InterfaceNames names, Commands commands, Links links, Set<PublicKey> ownKeys) {
        this.names = List.of(names.main(), names.spare());
        this.links = links;
        memory = new LinkMemory(links, new LinkWatch(commands, this.names), this.names);
        this.ownKeys = new HashSet<>(ownKeys);
    }

    /** What WireGuard says of an interface that exists. */
    abstract DeviceState device(String name);

    /** Makes an interface that does not exist. */
    abstract void create(String name);

    /** Removes an interface that exists. */
    abstract void delete(String name);

    /** Cleans up behind an interface that does not exist any more. */
    abstract void forget(String name);

    /** Waits until WireGuard has noticed that the link was set up. */
    abstract void awaitUp(String name);

    /** Whether the port could be bound; false if it is in use. */
    abstract boolean bind(String name, int port);

    /** Sets the key and replaces all peers. */
    abstract void reset(String name, Change.SetPrivateKey change);

    /** Changes peers in as few transactions as possible. */
    abstract void changePeers(String name, List<Change.PeerChange> changes);

    @Override
    public final ActualNetwork read() {
        Map<String, Links.Sight> seen = memory.look();
        String main = names.get(ActualNetwork.MAIN);
        String spare = names.get(ActualNetwork.SPARE);
        return new ActualNetwork(read(main, seen.get(main)), read(spare, seen.get(spare)));
    }

    private ActualPlane read(String name, Links.@Nullable Sight seen) {
        if (seen == null) {
            return ActualPlane.absent();
        }
        DeviceState device;
        try {
            device = device(name);
        } catch (TunnelException e) {
            // An interface of a process that was killed vanishes with it.
            memory.forget();
            if (links.find(name) == null) {
                return ActualPlane.absent();
            }
            throw e;
        }
        requireOwn(name, device);
        Links.Link link = seen.link();
        return new ActualPlane(
                true,
                link.up(),
                link.mtu(),
                device.publicKey(),
                device.listenPort(),
                link.addresses(),
                device.peers(),
                seen.routes());
    }

    private void requireOwn(String name, DeviceState device) {
        PublicKey key = device.publicKey();
        if (key != null && !ownKeys.contains(key)) {
            throw new TunnelException("interface " + name + " belongs to someone else (its public key is " + key
                    + "): remove it, or give this node another interface name");
        }
    }

    @Override
    public final void apply(List<Change> changes) {
        try {
            carryOut(changes);
        } finally {
            if (!changes.stream().allMatch(Change.PeerChange.class::isInstance)) {
                memory.forget();
            }
        }
    }

    private void carryOut(List<Change> changes) {
        LinkSteps steps = new LinkSteps();
        int at = 0;
        while (at < changes.size()) {
            Change change = changes.get(at);
            String name = names.get(change.plane());
            if (change instanceof Change.LinkChange link) {
                link.accept(steps);
                at++;
            } else if (change instanceof Change.PeerChange) {
                List<Change.PeerChange> group = group(changes, at, Change.PeerChange.class);
                changePeers(name, group);
                at += group.size();
            } else {
                List<Change.RouteChange> group = group(changes, at, Change.RouteChange.class);
                links.changeRoutes(names, group);
                at += group.size();
            }
        }
    }

    /** The changes of one kind that follow each other from here on; of peers, those of one plane. */
    static <T extends Change> List<T> group(List<Change> changes, int start, Class<T> kind) {
        int plane = changes.get(start).plane();
        List<T> group = new ArrayList<>();
        int bytes = 0;
        for (Change change : changes.subList(start, changes.size())) {
            bytes += bytes(change);
            boolean full = !group.isEmpty() && bytes > MAX_REQUEST_BYTES;
            boolean elsewhere = change instanceof Change.PeerChange && change.plane() != plane;
            if (full || elsewhere || !kind.isInstance(change)) {
                break;
            }
            group.add(kind.cast(change));
        }
        return group;
    }

    private static int bytes(Change change) {
        int prefixes = 1;
        if (change instanceof Change.AddPeer add) {
            prefixes = add.peer().allowedIps().size();
        } else if (change instanceof Change.AddAllowedIps add) {
            prefixes = add.all().size();
        } else if (change instanceof Change.ReplaceAllowedIps replace) {
            prefixes = replace.all().size();
        }
        return CHANGE_BYTES + PREFIX_BYTES * prefixes;
    }

    @Override
    public final void release() {
        memory.stop();
    }

    @Override
    public final void tearDown() {
        memory.forget();
        for (String name : List.of(names.get(ActualNetwork.SPARE), names.get(ActualNetwork.MAIN))) {
            if (read(name, links.look(List.of(name)).get(name)).exists()) {
                delete(name);
            } else {
                forget(name);
            }
        }
        memory.forget();
    }

    private final class LinkSteps implements Change.LinkVisitor {
        @Override
        public void createInterface(Change.CreateInterface change) {
            create(names.get(change.plane()));
        }

        @Override
        public void addAddress(Change.AddAddress change) {
            links.addAddress(names.get(change.plane()), change.address());
        }

        @Override
        public void removeAddress(Change.RemoveAddress change) {
            links.removeAddress(names.get(change.plane()), change.address());
        }

        @Override
        public void setMtu(Change.SetMtu change) {
            links.setMtu(names.get(change.plane()), change.mtu());
        }

        @Override
        public void bringUp(Change.BringUp change) {
            String name = names.get(change.plane());
            links.loosenReversePath(name);
            Commands.Output output = links.setUp(name);
            if (!output.ok() && output.error().contains("Address already in use")) {
                throw portTaken(name, device(name).listenPort());
            }
            Links.require(output, "cannot bring interface " + name + " up");
            awaitUp(name);
        }

        /** An interface without a key was only just made, so nothing half-made is left; another one gets its port back. */
        @Override
        public void setListenPort(Change.SetListenPort change) {
            String name = names.get(change.plane());
            DeviceState before = device(name);
            if (bind(name, change.port())) {
                return;
            }
            if (before.publicKey() == null) {
                delete(name);
            } else if (before.listenPort() != 0) {
                bind(name, before.listenPort());
            }
            throw portTaken(name, change.port());
        }

        private TunnelException portTaken(String name, int port) {
            return new TunnelException("interface " + name + " cannot listen on UDP port " + port
                    + ": it is in use; stop the other program or give this node another port");
        }

        /** With as many peers as go into one request; the rest are added, which a crash in between leaves to the next. */
        @Override
        public void setPrivateKey(Change.SetPrivateKey change) {
            ownKeys.add(change.key().publicKey());
            List<Change> peers = new ArrayList<>();
            change.peers().forEach(peer -> peers.add(new Change.AddPeer(change.plane(), peer)));
            int first = peers.isEmpty()
                    ? 0
                    : group(peers, 0, Change.PeerChange.class).size();
            List<PeerConfig> kept = change.peers().subList(0, first);
            reset(
                    names.get(change.plane()),
                    new Change.SetPrivateKey(change.plane(), change.key(), change.listenPort(), kept));
            apply(peers.subList(first, peers.size()));
        }

        @Override
        public void deleteInterface(Change.DeleteInterface change) {
            delete(names.get(change.plane()));
        }
    }
}
