package io.wgfabric.core.state;

import io.wgfabric.api.Address;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command.AddPool;
import io.wgfabric.api.Command.ReleaseAddress;
import io.wgfabric.api.Command.ReserveAddress;
import io.wgfabric.api.Event;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.TokenId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which pools there are, and which of their addresses are kept for somebody. */
final class AddressRules {
    /** The largest pool: a /8 of IPv4. */
    private static final int SHORTEST_V4 = 8;

    /** The smallest pool of IPv4 that can hold a manager and a peer. */
    private static final int LONGEST_V4 = 30;

    private static final int SHORTEST_V6 = 48;
    private static final int LONGEST_V6 = 120;

    /** RFC 1918 section 3 and RFC 6598 section 7. */
    private static final List<Prefix> PRIVATE_V4 = List.of(
            Prefix.parse("10.0.0.0/8"),
            Prefix.parse("172.16.0.0/12"),
            Prefix.parse("192.168.0.0/16"),
            Prefix.parse("100.64.0.0/10"));

    /** RFC 4193 section 3.1, with the L bit set. */
    private static final Prefix UNIQUE_LOCAL_V6 = Prefix.parse("fd00::/8");

    private AddressRules() {}

    static Verdict addPool(Draft draft, AddPool command) {
        Cluster cluster = draft.cluster;
        if (cluster == null) {
            throw new IllegalStateException("permissions ask for a cluster first");
        }
        List<Prefix> pools = new ArrayList<>(cluster.pools());
        pools.add(command.pool());
        if (pools.size() > Limits.POOLS) {
            return Verdict.refused(
                    command.pool(),
                    Reason.LIMIT_REACHED,
                    "the cluster has " + Limits.POOLS + " address pools, its limit");
        }
        String wrong = refusalOf(pools);
        if (wrong != null) {
            return Verdict.refused(command.pool(), Reason.INVALID, wrong);
        }
        Prefix routed = MeshRules.overlapping(draft, command.pool());
        if (routed != null) {
            return Verdict.refused(
                    command.pool(),
                    Reason.ADDRESS_TAKEN,
                    command.pool() + " overlaps with " + routed + ", which is routed through a node");
        }
        draft.cluster = cluster.withPools(List.copyOf(pools));
        draft.addresses = draft.addresses.withPool(command.pool());
        draft.events.add(new Event.PoolAdded(command.pool()));
        return Verdict.accepted(command.pool(), "the cluster has " + pools.size() + " pools");
    }

    /** Why these pools cannot be, or null if they can. */
    static @Nullable String refusalOf(List<Prefix> pools) {
        if (pools.isEmpty() || pools.size() > Limits.POOLS) {
            return "a cluster has 1 to " + Limits.POOLS + " address pools";
        }
        for (int i = 0; i < pools.size(); i++) {
            Prefix pool = pools.get(i);
            if (pool.isV4()) {
                if (PRIVATE_V4.stream().noneMatch(range -> range.length() <= pool.length() && range.overlaps(pool))) {
                    return "pool " + pool + " is not private; choose one of 10.0.0.0/8, 172.16.0.0/12,"
                            + " 192.168.0.0/16 or 100.64.0.0/10";
                }
                if (pool.length() < SHORTEST_V4 || pool.length() > LONGEST_V4) {
                    return "pool " + pool + " must be between a /" + SHORTEST_V4 + " and a /" + LONGEST_V4;
                }
            } else if (!UNIQUE_LOCAL_V6.contains(pool.address())
                    || pool.length() < SHORTEST_V6
                    || pool.length() > LONGEST_V6) {
                return "pool " + pool + " must be a unique local prefix of fd00::/8, between a /" + SHORTEST_V6
                        + " and a /" + LONGEST_V6;
            }
            for (Prefix other : pools.subList(0, i)) {
                if (pool.overlaps(other)) {
                    return "pools " + other + " and " + pool + " overlap";
                }
            }
        }
        return null;
    }

    static Verdict reserve(Draft draft, ReserveAddress command) {
        Address address = command.address();
        NodeName name = command.name();
        AddressBook book = draft.addresses;
        String unusable = book.unusable(address);
        if (unusable != null) {
            return Verdict.refused(address, Reason.INVALID, unusable);
        }
        NodeName owner = book.reserved().get(address);
        if (owner != null && !owner.equals(name)) {
            return taken(
                    address,
                    "is reserved for node " + owner + "; drop that first with 'fabric ipam release " + address + "'");
        }
        NodeId holder = book.leases().get(address);
        if (holder != null && !holder.equals(draft.holderOf(name))) {
            return taken(address, "belongs to node " + nameOf(draft, holder) + "; choose another");
        }
        TokenId token = book.heldFor(address, draft.time);
        if (token != null) {
            return taken(address, "is kept for token " + token + "; revoke that first");
        }
        Address other = book.reservedFor(name, address.isV4());
        if (other != null && !other.equals(address)) {
            return Verdict.refused(
                    address,
                    Reason.ADDRESS_TAKEN,
                    "address " + other + " is reserved for node " + name
                            + " already; drop that first with 'fabric ipam release " + other + "'");
        }
        if (owner == null && book.reserved().size() >= Limits.RESERVATIONS) {
            return Verdict.refused(
                    address,
                    Reason.LIMIT_REACHED,
                    "the cluster has " + Limits.RESERVATIONS + " reserved addresses, its limit");
        }
        draft.addresses = book.reserve(address, name, draft.time);
        draft.events.add(new Event.AddressReserved(address, name));
        return Verdict.accepted(address, "for node " + name);
    }

    private static Verdict taken(Address address, String why) {
        return Verdict.refused(address, Reason.ADDRESS_TAKEN, "address " + address + " " + why);
    }

    private static Object nameOf(Draft draft, NodeId holder) {
        Node node = draft.nodes.get(holder);
        return node == null ? holder : node.name();
    }

    static Verdict release(Draft draft, ReleaseAddress command) {
        Address address = command.address();
        AddressBook book = draft.addresses;
        String unusable = book.unusable(address);
        if (unusable != null) {
            return Verdict.refused(address, Reason.INVALID, unusable);
        }
        NodeName owner = book.reserved().get(address);
        if (owner != null) {
            draft.addresses = book.unreserve(address);
            draft.events.add(new Event.AddressReleased(address));
            return Verdict.accepted(address, "it was reserved for node " + owner);
        }
        NodeId holder = book.leases().get(address);
        if (holder != null) {
            return taken(address, "belongs to node " + nameOf(draft, holder) + "; remove the node to free it");
        }
        TokenId token = book.heldFor(address, draft.time);
        if (token != null) {
            return taken(address, "is kept for token " + token + "; revoke the token to free it");
        }
        AddressBook.Pause rest = book.pauseOf(address, draft.time);
        if (rest == null) {
            return Verdict.refused(
                    address,
                    Reason.ADDRESS_UNKNOWN,
                    "address " + address + " is neither reserved nor at rest; see 'fabric ipam list'");
        }
        draft.addresses = book.endRest(address);
        draft.events.add(new Event.AddressReleased(address));
        return Verdict.accepted(address, "it would have rested until " + rest.until());
    }
}
