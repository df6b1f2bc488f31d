package io.wgfabric.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddedTokensTest {
    @Test
    void anApplicationAdmitsTwoMachinesAndRefusesTheThird() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        List<Address> given = EmbeddedTokens.run(new PrintStream(printed, true, StandardCharsets.UTF_8));
        String text = printed.toString(StandardCharsets.UTF_8);
        assertEquals(4, new HashSet<>(given).size(), "two machines have an IPv4 and an IPv6 address each");
        assertTrue(text.contains("till-3 was refused"), text);
        assertTrue(text.contains("token-used-up"), text);
        assertTrue(text.contains("remove-node"), text);
    }
}
