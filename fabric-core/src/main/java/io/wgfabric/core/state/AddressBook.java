package io.wgfabric.core.state;

import io.wgfabric.api.Address;
import io.wgfabric.api.AddressUse;
import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.PoolUse;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.TokenId;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * Which node has which overlay address, and who shall have it. Immutable; every operation is O(log n) in the number of
 * addresses that are not free.
 *
 * <p>An address of a pool is leased, at rest, reserved or free. A reserved one may be leased or at rest as well; of the
 * others each is one thing alone. Free ones are given first, in the order of the pools, and only then those whose rest
 * is over, the longest rested first, so that an address stays out of use as long as it can. Where very many have rested
 * they come first, or a pool of 2^64 addresses would have us remember all that it ever gave.
 *
 * @param leases the addresses that nodes have
 * @param resting addresses that came back or are kept for a token, also when their time is over
 * @param queue those of them that are not reserved, by time
 * @param reserved the addresses that are kept for the node of a name
 * @param owners the same by name
 */
public record AddressBook(
        List<Pool> pools,
        TreePMap<Address, NodeId> leases,
        TreePMap<Address, Pause> resting,
        TreePMap<Rest, Address> queue,
        TreePMap<Address, NodeName> reserved,
        TreePMap<Owner, Address> owners,
        FreeRanges free) {

    /**
     * A prefix and what may be given of it: not the network's own address nor, of IPv4, its broadcast address (RFC 4291
     * section 2.6.1, RFC 919 section 7). A /31 and a /32, /127 and /128, have neither (RFC 3021, RFC 6164).
     */
    public record Pool(Prefix prefix, Address first, Address last) {
        public static Pool of(Prefix prefix) {
            boolean tiny = prefix.address().bits() - prefix.length() <= 1;
            Address last = prefix.at(prefix.size().subtract(BigInteger.ONE));
            return new Pool(
                    prefix,
                    tiny ? prefix.address() : prefix.address().next(),
                    tiny || !prefix.isV4() ? last : last.previous());
        }

        /** Whether it may give this address. */
        public boolean contains(Address address) {
            return first.compareTo(address) <= 0 && address.compareTo(last) <= 0;
        }

        /** How many addresses it may give. */
        public BigInteger size() {
            return prefix.indexOf(last).subtract(prefix.indexOf(first)).add(BigInteger.ONE);
        }
    }

    /**
     * Why an address is out of use.
     *
     * @param until when that ends
     * @param token whose fixed address it is; null if it rests since its last node has gone
     */
    public record Pause(Instant until, @Nullable TokenId token) {}

    /** An address out of use, ordered by family and then by when that ends. */
    public record Rest(Instant until, Address address) implements Comparable<Rest> {
        /** What comes before every rest of a family. */
        static Rest first(boolean v4) {
            return new Rest(Instant.MIN, Address.of(new byte[v4 ? 4 : 16]));
        }

        @Override
        public int compareTo(Rest other) {
            int byFamily = Integer.compare(address.bits(), other.address.bits());
            if (byFamily != 0) {
                return byFamily;
            }
            int byTime = until.compareTo(other.until);
            return byTime != 0 ? byTime : address.compareTo(other.address);
        }
    }

    /** A name has at most one reserved address of each family. */
    public record Owner(NodeName name, boolean v4) implements Comparable<Owner> {
        @Override
        public int compareTo(Owner other) {
            int byName = name.compareTo(other.name);
            return byName != 0 ? byName : Boolean.compare(v4, other.v4);
        }
    }

    /** An address and the book in which it is given. */
    public record Given(Address address, AddressBook book) {}

    static AddressBook empty() {
        return of(List.of());
    }

    /** A book of which nothing is given yet. */
    public static AddressBook of(List<Prefix> pools) {
        return restored(pools, TreePMap.empty(), TreePMap.empty(), TreePMap.empty());
    }

    /** A book as a snapshot has it; the rest follows from that. */
    public static AddressBook restored(
            List<Prefix> pools,
            TreePMap<Address, NodeId> leases,
            TreePMap<Address, Pause> resting,
            TreePMap<Address, NodeName> reserved) {
        List<Pool> spans = pools.stream().map(Pool::of).toList();
        FreeRanges free = FreeRanges.none();
        for (Pool pool : spans) {
            free = free.with(pool);
        }
        for (Address address : leases.keySet()) {
            free = free.minus(address);
        }
        TreePMap<Rest, Address> queue = TreePMap.empty();
        for (Map.Entry<Address, Pause> pause : resting.entrySet()) {
            free = free.minus(pause.getKey());
            if (!reserved.containsKey(pause.getKey())) {
                queue = queue.plus(new Rest(pause.getValue().until(), pause.getKey()), pause.getKey());
            }
        }
        TreePMap<Owner, Address> owners = TreePMap.empty();
        for (Map.Entry<Address, NodeName> kept : reserved.entrySet()) {
            free = free.minus(kept.getKey());
            owners = owners.plus(new Owner(kept.getValue(), kept.getKey().isV4()), kept.getKey());
        }
        return new AddressBook(spans, leases, resting, queue, reserved, owners, free);
    }

    AddressBook withPool(Prefix prefix) {
        Pool pool = Pool.of(prefix);
        List<Pool> more = new ArrayList<>(pools);
        more.add(pool);
        return new AddressBook(List.copyOf(more), leases, resting, queue, reserved, owners, free.with(pool));
    }

    boolean hasPool(boolean v4) {
        return pools.stream().anyMatch(pool -> pool.prefix().isV4() == v4);
    }

    private Pool poolOf(Address address) {
        return pools.stream()
                .filter(pool -> pool.contains(address))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(address + " was taken from no pool"));
    }

    /** Gives a free address of this family to a node; empty if every pool is exhausted. */
    public Optional<Given> give(boolean v4, NodeId node, Instant now) {
        Address found;
        if (queue.size() > Limits.RESTED_ADDRESSES) {
            Address rested = rested(v4, now);
            found = rested == null ? fresh(v4) : rested;
        } else {
            Address fresh = fresh(v4);
            found = fresh == null ? rested(v4, now) : fresh;
        }
        return Optional.ofNullable(found).map(address -> new Given(address, lease(address, node)));
    }

    private @Nullable Address fresh(boolean v4) {
        for (Pool pool : pools) {
            Address first = pool.prefix().isV4() == v4 ? free.firstOf(pool) : null;
            if (first != null) {
                return first;
            }
        }
        return null;
    }

    private @Nullable Address rested(boolean v4, Instant now) {
        Rest first = nextRest(v4);
        return first == null || first.until().isAfter(now) ? null : first.address();
    }

    /** The rest of this family that ends first; null if there is none. */
    @Nullable Rest nextRest(boolean v4) {
        Rest first = queue.ceilingKey(Rest.first(v4));
        return first == null || first.address().isV4() != v4 ? null : first;
    }

    /** Whether it is one of a pool's, and not the network's own. */
    public boolean mayGive(Address address) {
        return pools.stream().anyMatch(pool -> pool.contains(address));
    }

    /** Why this address is never given, or null if it may be. */
    @Nullable String unusable(Address address) {
        if (mayGive(address)) {
            return null;
        }
        return pools.stream().anyMatch(pool -> pool.prefix().contains(address))
                ? "address " + address + " is the network's own; choose another"
                : "address " + address + " lies in no pool of this cluster; see 'fabric ipam list' for the pools";
    }

    /**
     * Why a token's fixed address cannot be given now, or null if it can.
     *
     * @param name of the node that shall have it; null if it is not known yet
     */
    @Nullable String refusalOf(Address address, @Nullable NodeName name, TokenId token, Instant now) {
        String unusable = unusable(address);
        if (unusable != null) {
            return unusable;
        }
        NodeId holder = leases.get(address);
        if (holder != null) {
            return "address " + address + " belongs to node " + holder + "; choose another";
        }
        NodeName owner = reserved.get(address);
        if (owner != null) {
            return name == null || name.equals(owner)
                    ? null
                    : "address " + address + " is reserved for node " + owner + "; choose another";
        }
        Pause pause = pauseOf(address, now);
        if (pause == null || token.equals(pause.token())) {
            return null;
        }
        return pause.token() != null
                ? "address " + address + " is kept for token " + pause.token() + " until " + pause.until()
                        + "; choose another"
                : "address " + address + " rests until " + pause.until() + " since its last node left; choose another";
    }

    /** The address that is reserved for a node of this name; null if there is none. */
    @Nullable Address reservedFor(NodeName name, boolean v4) {
        return owners.get(new Owner(name, v4));
    }

    /** For which token an address is kept now; null if for none. */
    @Nullable TokenId heldFor(Address address, Instant now) {
        Pause pause = pauseOf(address, now);
        return pause == null ? null : pause.token();
    }

    /** Why an address is out of use now; null if it is not. */
    @Nullable Pause pauseOf(Address address, Instant now) {
        Pause pause = resting.get(address);
        return pause == null || !pause.until().isAfter(now) ? null : pause;
    }

    public PoolUse use(Pool pool) {
        return new PoolUse(
                pool.prefix(), pool.size(), within(leases, pool), within(reserved, pool), within(resting, pool));
    }

    private static int within(TreePMap<Address, ?> map, Pool pool) {
        return map.subMap(pool.first(), true, pool.last(), true).size();
    }

    /** What an address of a pool is used for. */
    public AddressUse use(Address address, Instant now) {
        NodeId node = leases.get(address);
        NodeName owner = reserved.get(address);
        Pause pause = pauseOf(address, now);
        AddressUse.State state;
        if (node != null) {
            state = AddressUse.State.LEASED;
        } else if (owner != null) {
            state = AddressUse.State.RESERVED;
        } else if (pause != null) {
            state = pause.token() == null ? AddressUse.State.RESTING : AddressUse.State.HELD;
        } else {
            state = AddressUse.State.FREE;
        }
        return new AddressUse(
                address,
                state,
                node,
                owner,
                pause == null ? null : pause.token(),
                pause == null || owner != null ? null : pause.until());
    }

    /** The next addresses in use or at rest, in their order. */
    public List<Address> after(@Nullable Address last, int limit) {
        TreeSet<Address> found = new TreeSet<>();
        for (TreePMap<Address, ?> map : List.<TreePMap<Address, ?>>of(leases, resting, reserved)) {
            TreePMap<Address, ?> rest = last == null ? map : map.tailMap(last, false);
            rest.keySet().stream().limit(limit).forEach(found::add);
        }
        return found.stream().limit(limit).toList();
    }

    /** Gives a certain address, which nobody has; the caller has asked whether this node may have it. */
    AddressBook lease(Address address, NodeId node) {
        return new AddressBook(
                pools,
                leases.plus(address, node),
                resting.minus(address),
                unqueued(address),
                reserved,
                owners,
                free.minus(address));
    }

    /** Takes an address back; nobody gets it before the time but the node that it is reserved for. */
    public AddressBook takeBack(Address address, Instant until) {
        if (!leases.containsKey(address)) {
            return this;
        }
        return new AddressBook(
                pools,
                leases.minus(address),
                resting.plus(address, new Pause(until, null)),
                reserved.containsKey(address) ? queue : queue.plus(new Rest(until, address), address),
                reserved,
                owners,
                free);
    }

    /** Keeps the fixed address of a token, which is neither leased nor at rest, until the token expires. */
    AddressBook hold(Address address, TokenId token, Instant until) {
        if (reserved.containsKey(address)) {
            return this;
        }
        return new AddressBook(
                pools,
                leases,
                resting.plus(address, new Pause(until, token)),
                unqueued(address).plus(new Rest(until, address), address),
                reserved,
                owners,
                free.minus(address));
    }

    /** Frees what is kept for a token that admits nobody any more. */
    AddressBook endHold(Address address, TokenId token) {
        Pause pause = resting.get(address);
        return pause != null && token.equals(pause.token()) ? endRest(address) : this;
    }

    /** Keeps an address for a name; the caller has asked whether it may be. */
    AddressBook reserve(Address address, NodeName name, Instant now) {
        return new AddressBook(
                pools,
                leases,
                pauseOf(address, now) == null ? resting.minus(address) : resting,
                unqueued(address),
                reserved.plus(address, name),
                owners.plus(new Owner(name, address.isV4()), address),
                free.minus(address));
    }

    /** Drops a reservation; the address goes on resting if it did. */
    AddressBook unreserve(Address address) {
        NodeName name = reserved.get(address);
        if (name == null) {
            return this;
        }
        Pause pause = resting.get(address);
        return new AddressBook(
                pools,
                leases,
                resting,
                pause == null ? queue : queue.plus(new Rest(pause.until(), address), address),
                reserved.minus(address),
                owners.minus(new Owner(name, address.isV4())),
                pause != null || leases.containsKey(address) ? free : free.plus(address, poolOf(address)));
    }

    /** Ends the rest of an address that is not reserved. */
    AddressBook endRest(Address address) {
        return new AddressBook(
                pools,
                leases,
                resting.minus(address),
                unqueued(address),
                reserved,
                owners,
                free.plus(address, poolOf(address)));
    }

    private TreePMap<Rest, Address> unqueued(Address address) {
        Pause pause = resting.get(address);
        return pause == null ? queue : queue.minus(new Rest(pause.until(), address));
    }
}
