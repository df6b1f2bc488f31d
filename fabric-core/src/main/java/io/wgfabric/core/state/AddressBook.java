package io.wgfabric.core.state;

import io.wgfabric.api.Address;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Prefix;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * Which node has which overlay address. Immutable; every operation is O(log n) in the number of addresses given.
 *
 * <p>A pool gives addresses that nobody ever had, in order, and only then those that came back, the longest rested
 * first, so that an address stays out of use as long as it can.
 *
 * @param leases the addresses that nodes have
 * @param resting addresses that came back, by address: until when they may not be given
 * @param queue the same by time
 */
public record AddressBook(
        List<Pool> pools,
        TreePMap<Address, NodeId> leases,
        TreePMap<Address, Instant> resting,
        TreePMap<Rest, Address> queue) {

    /** @param next the first offset in the prefix that was never given */
    public record Pool(Prefix prefix, long next) {
        /** The first offset after those that may be given; an IPv4 pool keeps its broadcast address. */
        BigInteger end() {
            boolean broadcast = prefix.isV4() && prefix.length() < 31;
            return broadcast ? prefix.size().subtract(BigInteger.ONE) : prefix.size();
        }
    }

    /** An address at rest, ordered by family and then by when the rest ends. */
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

    /** An address and the book in which it is given. */
    record Given(Address address, AddressBook book) {}

    static AddressBook empty() {
        return new AddressBook(List.of(), TreePMap.empty(), TreePMap.empty(), TreePMap.empty());
    }

    /** The first offset of a pool that is given: the network's own address is not. */
    private static final long FIRST = 1;

    AddressBook withPool(Prefix prefix) {
        List<Pool> more = new ArrayList<>(pools);
        more.add(new Pool(prefix, FIRST));
        return new AddressBook(List.copyOf(more), leases, resting, queue);
    }

    Optional<Pool> poolOf(Address address) {
        return pools.stream().filter(pool -> pool.prefix().contains(address)).findFirst();
    }

    /** Gives a free address of this family to a node; empty if every pool is exhausted. */
    Optional<Given> give(boolean v4, NodeId node, Instant now) {
        for (int i = 0; i < pools.size(); i++) {
            if (pools.get(i).prefix().isV4() == v4) {
                Optional<Given> given = giveNew(i, node);
                if (given.isPresent()) {
                    return given;
                }
            }
        }
        return giveRested(v4, node, now);
    }

    private Optional<Given> giveNew(int index, NodeId node) {
        Pool pool = pools.get(index);
        BigInteger end = pool.end();
        long next = pool.next();
        while (BigInteger.valueOf(next).compareTo(end) < 0) {
            Address candidate = pool.prefix().at(next);
            next++;
            if (!leases.containsKey(candidate) && !resting.containsKey(candidate)) {
                List<Pool> changed = new ArrayList<>(pools);
                changed.set(index, new Pool(pool.prefix(), next));
                return Optional.of(new Given(
                        candidate,
                        new AddressBook(List.copyOf(changed), leases.plus(candidate, node), resting, queue)));
            }
        }
        return Optional.empty();
    }

    private Optional<Given> giveRested(boolean v4, NodeId node, Instant now) {
        Map.Entry<Rest, Address> first = queue.ceilingEntry(Rest.first(v4));
        if (first == null
                || first.getValue().isV4() != v4
                || first.getKey().until().isAfter(now)) {
            return Optional.empty();
        }
        Address address = first.getValue();
        AddressBook book =
                new AddressBook(pools, leases.plus(address, node), resting.minus(address), queue.minus(first.getKey()));
        return Optional.of(new Given(address, book));
    }

    /** Why a certain address cannot be given now, or null if it can. */
    @Nullable String refusalOf(Address address, Instant now) {
        Optional<Pool> pool = poolOf(address);
        if (pool.isEmpty()) {
            return "address " + address + " lies in no pool of this cluster; see 'fabric status' for the pools";
        }
        BigInteger offset = pool.get().prefix().indexOf(address);
        if (offset.signum() == 0 || offset.compareTo(pool.get().end()) >= 0) {
            return "address " + address + " is the network's own; choose another";
        }
        NodeId holder = leases.get(address);
        if (holder != null) {
            return "address " + address + " belongs to node " + holder + "; choose another";
        }
        Instant until = resting.get(address);
        if (until != null && until.isAfter(now)) {
            return "address " + address + " rests until " + until + " since its last node left; choose another";
        }
        return null;
    }

    /** Gives a certain address; the caller has asked {@link #refusalOf} before. */
    AddressBook giveFixed(Address address, NodeId node) {
        Instant until = resting.get(address);
        return new AddressBook(
                pools,
                leases.plus(address, node),
                resting.minus(address),
                until == null ? queue : queue.minus(new Rest(until, address)));
    }

    /** Takes an address back; nobody gets it before the time. */
    AddressBook takeBack(Address address, Instant until) {
        if (!leases.containsKey(address)) {
            return this;
        }
        return new AddressBook(
                pools,
                leases.minus(address),
                resting.plus(address, until),
                queue.plus(new Rest(until, address), address));
    }
}
