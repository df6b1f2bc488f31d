package io.wgfabric.core.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.TokenId;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pcollections.TreePMap;

/** Long random sequences, each step held against a model that looks at every address one by one. */
class AddressPropertyTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration COOL_DOWN = Duration.ofMinutes(30);

    /** What one address is; all there is to know, and nothing indexed. */
    private static final class Cell {
        @Nullable NodeId holder;

        @Nullable NodeName owner;

        @Nullable Instant until;

        @Nullable TokenId token;

        boolean isNew() {
            return holder == null && owner == null && until == null;
        }
    }

    /** The book as somebody would write it who has time. */
    private static final class Model {
        final List<Prefix> pools = new ArrayList<>();
        final Map<Address, Cell> cells = new HashMap<>();

        Cell cell(Address address) {
            return cells.computeIfAbsent(address, any -> new Cell());
        }

        static boolean isUsable(Prefix pool, BigInteger offset) {
            int hostBits = pool.address().bits() - pool.length();
            if (hostBits <= 1) {
                return true;
            }
            boolean network = offset.signum() == 0;
            boolean broadcast = pool.isV4() && offset.equals(pool.size().subtract(BigInteger.ONE));
            return !network && !broadcast;
        }

        @Nullable Address expected(boolean v4, Instant now) {
            for (Prefix pool : pools) {
                BigInteger offset = BigInteger.ZERO;
                while (pool.isV4() == v4 && offset.compareTo(pool.size()) < 0) {
                    Address candidate = pool.at(offset);
                    Cell cell = cells.get(candidate);
                    if (isUsable(pool, offset) && (cell == null || cell.isNew())) {
                        return candidate;
                    }
                    offset = offset.add(BigInteger.ONE);
                }
            }
            TreeMap<AddressBook.Rest, Address> rested = new TreeMap<>();
            cells.forEach((address, cell) -> {
                if (address.isV4() == v4 && cell.owner == null && cell.until != null && !cell.until.isAfter(now)) {
                    rested.put(new AddressBook.Rest(cell.until, address), address);
                }
            });
            return rested.isEmpty() ? null : rested.firstEntry().getValue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 10.0.0.0/30, 40000",
        "2, 10.0.0.0/31 10.0.0.2/31 10.0.0.4/32, 40000",
        "3, 10.0.0.4/32, 10000",
        "4, 10.0.0.0/28 10.0.0.16/28 fd00::/126, 60000",
        "5, 10.0.0.0/25 fd00::/120, 40000",
        "6, 10.0.0.0/8 fd00::/64, 10000",
        "7, 10.0.0.0/8 fd00::/64, 10000",
        "8, 192.168.0.0/24 10.0.0.0/24 fd00:1::/127 fd00:2::/128, 40000",
    })
    void bookAndModelAgreeAndNoAddressIsGivenTwice(long seed, String pools, int steps) {
        Random random = new Random(seed);
        Model model = new Model();
        List<Prefix> later = new ArrayList<>();
        for (String pool : pools.split(" ", -1)) {
            later.add(Prefix.parse(pool));
        }
        AddressBook book = AddressBook.empty();
        List<Address> leased = new ArrayList<>();
        Instant now = START;
        for (int i = 0; i < steps; i++) {
            String at = "seed " + seed + ", step " + i;
            now = now.plusSeconds(random.nextInt(120));
            if (!later.isEmpty() && (i == 0 || random.nextInt(200) == 0)) {
                Prefix pool = later.remove(0);
                model.pools.add(pool);
                book = book.withPool(pool);
            }
            // Leases come and go in waves, so that pools fill up and empty again.
            boolean filling = (i / 1_000) % 2 == 0;
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> {
                    if (filling || random.nextInt(3) == 0) {
                        book = give(book, model, random, now, leased, at);
                    }
                }
                case 3, 4 -> {
                    if (!leased.isEmpty() && (!filling || random.nextInt(2) == 0)) {
                        Address back = leased.remove(random.nextInt(leased.size()));
                        Cell cell = model.cell(back);
                        cell.holder = null;
                        cell.until = now.plus(COOL_DOWN);
                        cell.token = null;
                        book = book.takeBack(back, now.plus(COOL_DOWN));
                    }
                }
                case 5 -> book = reserve(book, model, random, now);
                case 6 -> book = unreserve(book, model, random);
                case 7 -> book = hold(book, model, random, now);
                case 8 -> book = endRest(book, model, random);
                default -> book = leaseFixed(book, model, random, now, leased, at);
            }
            if (i % 500 == 0 || i == steps - 1) {
                check(book, model, now, at);
            }
        }
    }

    private static AddressBook give(
            AddressBook book, Model model, Random random, Instant now, List<Address> leased, String at) {
        boolean v4 = random.nextInt(3) > 0;
        NodeId node = NodeId.of(random.nextLong());
        Address expected = model.expected(v4, now);
        Optional<AddressBook.Given> given = book.give(v4, node, now);
        assertEquals(Optional.ofNullable(expected), given.map(AddressBook.Given::address), at);
        if (given.isEmpty()) {
            return book;
        }
        Address address = given.get().address();
        assertNull(book.leases().get(address), at + ": given twice: " + address);
        Cell cell = model.cell(address);
        cell.holder = node;
        cell.until = null;
        cell.token = null;
        leased.add(address);
        return given.get().book();
    }

    /** Near the beginning of a pool, where the others are. */
    private static @Nullable Address any(Model model, Random random) {
        if (model.pools.isEmpty()) {
            return null;
        }
        Prefix pool = model.pools.get(random.nextInt(model.pools.size()));
        BigInteger offset = BigInteger.valueOf(random.nextInt(300)).mod(pool.size());
        return Model.isUsable(pool, offset) ? pool.at(offset) : null;
    }

    private static AddressBook reserve(AddressBook book, Model model, Random random, Instant now) {
        Address address = any(model, random);
        NodeName name = new NodeName("n" + random.nextInt(60));
        if (address == null
                || book.reservedFor(name, address.isV4()) != null
                || model.cell(address).owner != null
                || model.cell(address).token != null) {
            return book;
        }
        Cell cell = model.cell(address);
        cell.owner = name;
        if (cell.until != null && !cell.until.isAfter(now)) {
            cell.until = null;
        }
        return book.reserve(address, name, now);
    }

    private static AddressBook unreserve(AddressBook book, Model model, Random random) {
        Address address = any(model, random);
        if (address == null) {
            return book;
        }
        model.cell(address).owner = null;
        return book.unreserve(address);
    }

    private static AddressBook hold(AddressBook book, Model model, Random random, Instant now) {
        Address address = any(model, random);
        TokenId token = TokenId.of(random.nextInt(50));
        if (address == null || book.refusalOf(address, null, token, now) != null) {
            return book;
        }
        Cell cell = model.cell(address);
        if (cell.owner == null) {
            cell.until = now.plusSeconds(600);
            cell.token = token;
        }
        return book.hold(address, token, now.plusSeconds(600));
    }

    private static AddressBook endRest(AddressBook book, Model model, Random random) {
        Address address = any(model, random);
        if (address == null || model.cell(address).owner != null || model.cell(address).until == null) {
            return book;
        }
        Cell cell = model.cell(address);
        TokenId token = cell.token;
        cell.until = null;
        cell.token = null;
        return token == null ? book.endRest(address) : book.endHold(address, token);
    }

    private static AddressBook leaseFixed(
            AddressBook book, Model model, Random random, Instant now, List<Address> leased, String at) {
        Address address = any(model, random);
        if (address == null) {
            return book;
        }
        Cell cell = model.cell(address);
        NodeName name = new NodeName("n" + random.nextInt(60));
        TokenId token = TokenId.of(random.nextInt(50));
        boolean mayHave = cell.holder == null
                && (cell.owner != null
                        ? cell.owner.equals(name)
                        : cell.until == null
                                || !cell.until.isAfter(now)
                                || (cell.token != null && cell.token.equals(token)));
        assertEquals(mayHave, book.refusalOf(address, name, token, now) == null, at + ": " + address);
        if (!mayHave) {
            return book;
        }
        NodeId node = NodeId.of(random.nextLong());
        cell.holder = node;
        cell.until = null;
        cell.token = null;
        leased.add(address);
        return book.lease(address, node);
    }

    /** Every address is one thing alone, the indexes are true, and a restored book is the same. */
    private static void check(AddressBook book, Model model, Instant now, String at) {
        Set<Address> all = new HashSet<>(model.cells.keySet());
        all.addAll(book.leases().keySet());
        all.addAll(book.resting().keySet());
        all.addAll(book.reserved().keySet());
        for (Address address : all) {
            Cell cell = model.cell(address);
            assertEquals(cell.holder, book.leases().get(address), at);
            assertEquals(cell.owner, book.reserved().get(address), at);
            AddressBook.Pause pause = book.resting().get(address);
            assertEquals(cell.until, pause == null ? null : pause.until(), at + ": " + address);
            assertEquals(cell.isNew() && book.mayGive(address), book.free().contains(address), at + ": " + address);
            boolean queued = pause != null && book.queue().containsKey(new AddressBook.Rest(pause.until(), address));
            assertEquals(pause != null && cell.owner == null, queued, at);
            assertTrue(cell.isNew() || book.mayGive(address), at + ": " + address);
        }
        book.owners()
                .forEach((owner, address) -> assertEquals(
                        owner.name(), Objects.requireNonNull(book.reserved().get(address)), at));
        assertEquals(book.reserved().size(), book.owners().size(), at);
        assertEquals(
                book,
                AddressBook.restored(model.pools, book.leases(), book.resting(), book.reserved()),
                at + " " + now);
    }

    @Test
    void addressIsFoundAtOnceBehindALongRunOfTakenOnes() {
        TreePMap<Address, NodeId> leases = TreePMap.empty();
        Address taken = Address.parse("10.0.0.1");
        for (int i = 0; i < 300_000; i++) {
            leases = leases.plus(taken, NodeId.of(i));
            taken = taken.next();
        }
        AddressBook book =
                AddressBook.restored(List.of(Prefix.parse("10.0.0.0/8")), leases, TreePMap.empty(), TreePMap.empty());
        Address expected = taken;
        assertEquals(1, book.free().ranges().size());
        // One by one, from the same book each time as after a refusal, this would be 6,000,000,000 steps.
        assertTimeout(Duration.ofSeconds(30), () -> {
            for (int i = 0; i < 20_000; i++) {
                assertEquals(
                        expected,
                        book.give(true, NodeId.of(i), START).orElseThrow().address());
            }
        });
    }

    @Test
    void whatRestedIsGivenFirstOnceThereIsVeryMuchOfIt() {
        int many = io.wgfabric.api.Limits.RESTED_ADDRESSES;
        AddressBook book = AddressBook.of(List.of(Prefix.parse("fd00::/64")));
        for (int i = 0; i <= many; i++) {
            AddressBook.Given given = book.give(false, NodeId.of(i), START).orElseThrow();
            book = given.book().takeBack(given.address(), START.plusSeconds(i));
        }
        assertEquals(many + 1, book.resting().size());
        assertEquals(
                Address.parse("fd00::1"),
                book.give(false, NodeId.of(1), START.plusSeconds(1))
                        .orElseThrow()
                        .address());
    }
}
