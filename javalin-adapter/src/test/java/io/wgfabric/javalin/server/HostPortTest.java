package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.wgfabric.api.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
    @ParameterizedTest
    @CsvSource({
        "m1.example.net, m1.example.net:7443",
        "m1:8443, m1:8443",
        "192.0.2.1, 192.0.2.1:7443",
        "2001:db8::1, [2001:db8::1]:7443",
        "[2001:db8::1], [2001:db8::1]:7443",
        "[2001:db8::1]:8443, [2001:db8::1]:8443"
    })
    void readsEachForm(String text, String expected) {
        assertEquals(expected, HostPort.parse(text, 7443).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":7443", "m1:", "m1:0", "m1:65536", "m1:http"})
    void refusesWhatIsNeither(String text) {
        assertThrows(IllegalArgumentException.class, () -> HostPort.parse(text, 7443));
    }

    @Test
    void ownAddressIsAnAddress() {
        assertEquals(
                HostPort.ownAddress().contains(":") ? 128 : 32,
                Address.parse(HostPort.ownAddress()).bits());
    }
}
