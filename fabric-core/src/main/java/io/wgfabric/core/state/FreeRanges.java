package io.wgfabric.core.state;

import io.wgfabric.api.Address;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * The addresses that may be given at once, as the longest possible ranges within a pool: first address to last. A pool
 * of any size is one range while it is new, and each address that is taken out of its middle makes one more, so that the
 * next free address is found in O(log n) however many neighbours are taken. Equal sets are equal values. Immutable.
 */
record FreeRanges(TreePMap<Address, Address> ranges) {

    static FreeRanges none() {
        return new FreeRanges(TreePMap.empty());
    }

    /** Adds all of a pool that overlaps with no other. */
    FreeRanges with(AddressBook.Pool pool) {
        return new FreeRanges(ranges.plus(pool.first(), pool.last()));
    }

    boolean contains(Address address) {
        return rangeOf(address) != null;
    }

    private Map.@Nullable Entry<Address, Address> rangeOf(Address address) {
        Map.Entry<Address, Address> range = ranges.floorEntry(address);
        return range == null || range.getValue().compareTo(address) < 0 ? null : range;
    }

    @Nullable Address firstOf(AddressBook.Pool pool) {
        Address first = ranges.ceilingKey(pool.first());
        return first == null || first.compareTo(pool.last()) > 0 ? null : first;
    }

    /** Without an address; nothing changes if it is not free. */
    FreeRanges minus(Address address) {
        Map.Entry<Address, Address> range = rangeOf(address);
        if (range == null) {
            return this;
        }
        TreePMap<Address, Address> rest = ranges.minus(range.getKey());
        if (range.getKey().compareTo(address) < 0) {
            rest = rest.plus(range.getKey(), address.previous());
        }
        if (address.compareTo(range.getValue()) < 0) {
            rest = rest.plus(address.next(), range.getValue());
        }
        return new FreeRanges(rest);
    }

    /** With an address of this pool that is not free yet; it grows together with its neighbours. */
    FreeRanges plus(Address address, AddressBook.Pool pool) {
        TreePMap<Address, Address> joined = ranges;
        Address first = address;
        Address last = address;
        Map.Entry<Address, Address> before = ranges.lowerEntry(address);
        if (before != null
                && pool.contains(before.getKey())
                && before.getValue().next().equals(address)) {
            first = before.getKey();
        }
        Map.Entry<Address, Address> after = ranges.higherEntry(address);
        if (after != null && pool.contains(after.getKey()) && address.next().equals(after.getKey())) {
            last = after.getValue();
            joined = joined.minus(after.getKey());
        }
        return new FreeRanges(joined.plus(first, last));
    }
}
