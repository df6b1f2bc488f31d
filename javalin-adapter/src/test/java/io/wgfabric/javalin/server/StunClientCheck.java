package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What coturn's STUN client, which speaks as RFC 5389 has it, makes of a manager's answers. It needs Debian's package
 * {@code coturn}, so it runs with {@code -Poutside} alone; without the program it fails and says so.
 */
@Timeout(60)
class StunClientCheck {
    private static final Pattern REFLEXIVE = Pattern.compile("UDP reflexive addr: (\\S+):(\\d+)");

    @Test
    void coturnsClientLearnsItsOwnAddress() throws IOException, InterruptedException {
        String address = "127.0.0.1";
        try (StunServer server = StunServer.start(address, 0)) {
            Process client = new ProcessBuilder(
                            "turnutils_stunclient", "-p", String.valueOf(server.port()), "-L", address, address)
                    .redirectErrorStream(true)
                    .start();
            String said;
            try {
                assertTrue(client.waitFor(20, TimeUnit.SECONDS), "the client did not end");
                said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } finally {
                client.destroyForcibly();
            }
            Matcher reflexive = REFLEXIVE.matcher(said);

            assertTrue(reflexive.find(), said);
            assertEquals(address, reflexive.group(1), said);
            int port = Integer.parseInt(reflexive.group(2));
            assertTrue(port > 0 && port != server.port(), said);
        }
    }
}
