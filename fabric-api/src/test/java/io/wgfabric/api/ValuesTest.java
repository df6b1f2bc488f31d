package io.wgfabric.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

    /** RFC 5952 section 4: one text form for each address. */
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "::, ::",
        "::1, ::1",
        "fd00:0:0:0:0:0:0:0, fd00::",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3"
    })
    void anAddressHasOneTextForm(String in, String out) {
        assertEquals(out, Address.parse(in).toString());
        assertEquals(Address.parse(in), Address.parse(out));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "10.0.0", "10.0.0.256", "1.2.3.4.5", "::g", "example.com", "fe80::1%eth0"})
    void aNameIsNoAddressAndIsNeverResolved(String text) {
        assertThrows(IllegalArgumentException.class, () -> Address.parse(text));
    }

    @Test
    void aPrefixHasNoHostBits() {
        assertEquals("10.0.0.0/8", Prefix.parse("10.0.0.0/8").toString());
        assertThrows(IllegalArgumentException.class, () -> Prefix.parse("10.0.0.1/8"));
        assertThrows(IllegalArgumentException.class, () -> Prefix.parse("10.0.0.0/33"));
        assertThrows(IllegalArgumentException.class, () -> Prefix.parse("10.0.0.0"));
        assertEquals(Prefix.parse("10.0.0.0/8"), Prefix.of(Address.parse("10.9.8.7"), 8));
    }

    @Test
    void prefixesOverlapWhenOneHoldsTheOther() {
        Prefix wide = Prefix.parse("10.0.0.0/8");
        assertTrue(wide.overlaps(Prefix.parse("10.1.0.0/16")));
        assertTrue(Prefix.parse("10.1.0.0/16").overlaps(wide));
        assertFalse(wide.overlaps(Prefix.parse("11.0.0.0/8")));
        assertFalse(wide.overlaps(Prefix.parse("fd00::/8")));
    }

    @Test
    void aPrefixCountsItsAddresses() {
        Prefix prefix = Prefix.parse("10.0.0.0/24");
        assertEquals(Address.parse("10.0.0.255"), prefix.at(255));
        assertEquals(255, prefix.indexOf(Address.parse("10.0.0.255")).intValue());
        assertThrows(IllegalArgumentException.class, () -> prefix.at(256));
        assertEquals(Address.parse("fd00::1:0"), Prefix.parse("fd00::/64").at(65_536));
    }

    @Test
    void anEndpointOfIpv6NeedsBrackets() {
        assertEquals(
                "[2001:db8::1]:51820", Endpoint.parse("[2001:db8::1]:51820").toString());
        assertEquals("192.0.2.1:1", Endpoint.parse("192.0.2.1:1").toString());
        assertThrows(IllegalArgumentException.class, () -> Endpoint.parse("2001:db8::1:51820"));
        assertThrows(IllegalArgumentException.class, () -> Endpoint.parse("192.0.2.1:0"));
        assertThrows(IllegalArgumentException.class, () -> Endpoint.parse("192.0.2.1:65536"));
    }

    @Test
    void aPublicKeyIsWrittenAsWireGuardWritesIt() {
        String text = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
        assertEquals(text, PublicKey.parse(text).toString());
        assertEquals(PublicKey.parse(text), PublicKey.of(PublicKey.parse(text).bytes()));
        assertThrows(IllegalArgumentException.class, () -> PublicKey.parse(text.substring(1)));
        assertThrows(IllegalArgumentException.class, () -> PublicKey.of(new byte[32]));
        // The last character carries two bits that no key has.
        assertThrows(
                IllegalArgumentException.class, () -> PublicKey.parse("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dh="));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "n-", "n-0123456789abz", "t-0123456789abc", "n-0123456789abcd", "N-0123456789abc"})
    void whatHasNotTheFormOfAnIdIsNone(String text) {
        assertThrows(IllegalArgumentException.class, () -> NodeId.parse(text));
        assertFalse(NodeId.isValid(text));
    }

    /** It may be a secret in the wrong field, and refusals are told and logged. */
    @ParameterizedTest
    @ValueSource(strings = {"swordfish", "swordfish/8", "10.0.0.0/swordfish", "10.0.0.1:swordfish", "[swordfish]:1"})
    void aRefusalDoesNotRepeatWhatWasWritten(String text) {
        List<Function<String, Object>> parsers = List.of(
                Address::parse,
                Prefix::parse,
                Endpoint::parse,
                PublicKey::parse,
                NodeId::parse,
                TokenId::parse,
                ClusterId::parse,
                RequestId::parse,
                Role::parse);
        for (Function<String, Object> parser : parsers) {
            try {
                assertEquals(text, parser.apply(text).toString());
            } catch (IllegalArgumentException e) {
                assertFalse(String.valueOf(e.getMessage()).contains("swordfish"), e.getMessage());
            }
        }
    }

    @Test
    void anIdIsItsBits() {
        assertEquals(NodeId.parse(NodeId.of(-1).text()), NodeId.of(-1));
        assertEquals("n-0000000000001", NodeId.of(1).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a-", "A", "a.b", "a_b", "ä"})
    void whatIsNoDnsLabelIsNoName(String text) {
        assertThrows(IllegalArgumentException.class, () -> NodeName.parse(text));
    }

    @Test
    void theTwoPlanesOfANodeDiffer() {
        PublicKey key = PublicKey.parse("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=");
        assertThrows(IllegalArgumentException.class, () -> new NodeKeys(key, key));
        assertThrows(IllegalArgumentException.class, () -> new NodeEndpoints(List.of(), 51820, 51820));
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "host:", ":1", "host:x", "host:123456"})
    void aManagersAddressIsHostAndPort(String text) {
        assertThrows(IllegalArgumentException.class, () -> new ManagerServices(text, "host:1"));
    }

    @Test
    void bytesAreEqualByValueAndNotChangedFromOutside() {
        byte[] raw = {1, 2};
        Bytes bytes = Bytes.of(raw);
        raw[0] = 9;
        assertEquals(Bytes.parseHex("0102"), bytes);
        bytes.toArray()[0] = 9;
        assertEquals("0102", bytes.hex());
    }
}
