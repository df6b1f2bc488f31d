package io.wgfabric.javalin.rest;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Requests that every route takes, as {@code requests.txt} has them. */
final class Requests {
    private static final Map<String, String> BODIES = read();
    private static final Random RANDOM = new Random();
    private static final AtomicInteger FLAGS = new AtomicInteger();
    private static volatile List<Prefix> offered = List.of(network(), network());
    private static final AtomicInteger ADDRESSES = new AtomicInteger();

    private Requests() {}

    /** The lines of a file in the test resources that say something. */
    static List<String> lines(String file) {
        try (InputStream in = Objects.requireNonNull(Requests.class.getResourceAsStream(file), file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> read() {
        Map<String, String> bodies = new LinkedHashMap<>();
        for (String line : lines("requests.txt")) {
            String[] parts = line.split(" +", 3);
            bodies.put(parts[0] + " " + parts[1], parts[2]);
        }
        return bodies;
    }

    static boolean hasBody(String route) {
        return BODIES.containsKey(route);
    }

    /** A new body for a route, or null where it takes none. */
    static @Nullable String body(String route, LoneManager manager) {
        return body(route, manager, Keys.generateP256());
    }

    /** @param identity the key of the asker's certificate */
    static @Nullable String body(String route, LoneManager manager, KeyPair identity) {
        String template = BODIES.get(route);
        if (template == null) {
            return null;
        }
        boolean flag = FLAGS.getAndIncrement() % 2 == 0;
        return template.replace("{request}", UUID.randomUUID().toString())
                .replace("{key}", LoneManager.newKey().toString())
                .replace("{key2}", LoneManager.newKey().toString())
                .replace("{port}", String.valueOf(1 + RANDOM.nextInt(60_000)))
                .replace("{csr}", template.contains("{csr}") ? certificateRequest(identity) : "")
                .replace("{flag}", String.valueOf(flag))
                .replace("{network}", offered.get(flag ? 0 : 1).toString())
                .replace("{operator}", OperatorId.of(RANDOM.nextLong()).text())
                .replace("{oldest}", String.valueOf(keys(manager).oldest()))
                .replace("{address}", address().toString())
                .replace("{pool}", "10." + (1 + RANDOM.nextInt(254)) + "." + RANDOM.nextInt(256) + ".0/24")
                .replace(
                        "{token}",
                        template.contains("{token}")
                                ? manager.token(Role.PEER, 1).text()
                                : "");
    }

    private static String certificateRequest(KeyPair identity) {
        return Base64.getEncoder().encodeToString(Certificates.request(identity).toArray());
    }

    private static Prefix network() {
        return Prefix.parse("172." + (16 + RANDOM.nextInt(16)) + "." + RANDOM.nextInt(256) + ".0/24");
    }

    /** Another one each time, as long as there are. */
    private static Address address() {
        return Prefix.parse("10.0.0.0/16").at(30_000 + ADDRESSES.getAndIncrement() % 30_000);
    }

    /** Brings a node to where a route can do something with it. */
    static void prepare(String route, NodeId node, LoneManager manager) {
        if (manager.core.fabric().view().node(node).filter(Node::isActive).isEmpty()) {
            return;
        }
        switch (route) {
            case "POST /v1/nodes/{id}/release" -> manager.submit(new Command.QuarantineNode(node, "test"));
            case "PUT /v1/nodes/{id}/routes" -> {
                offered = List.of(network(), network());
                manager.submit(new Command.OfferRoutes(node, offered));
            }
            case "POST /v1/nodes/{id}/keys" -> manager.submit(new Command.RotateNodeKey(node));
            default -> {
                // It can at once.
            }
        }
    }

    /** The path of a route: {@code {id}} is a node, but that of a token where the route is about tokens. */
    static String path(String route, String node, LoneManager manager) {
        String path = route.substring(route.indexOf(' ') + 1);
        if (path.contains("{operator}")) {
            Operator operator = new Operator(
                    OperatorId.of(RANDOM.nextLong()),
                    UUID.randomUUID().toString(),
                    Access.VIEWER,
                    Bytes.of(new byte[32]));
            manager.submit(new Command.CreateOperator(operator));
            return path.replace("{operator}", operator.id().text());
        }
        if (path.contains("{address}")) {
            Address address = address();
            manager.submit(new Command.ReserveAddress(address, new NodeName("n" + UUID.randomUUID())));
            return path.replace("{address}", address.toString());
        }
        if (path.contains("{key}")) {
            turnKeys(route.endsWith("/retire"), manager);
            return path.replace("{key}", SigningKey.TOKEN.text());
        }
        if (path.endsWith("/approve")) {
            return path.replace("{id}", Callers.newPending(manager).text());
        }
        if (path.startsWith("/v1/tokens/{id}")) {
            return path.replace("{id}", manager.token(Role.PEER, 1).token().id().text());
        }
        return path.replace("{id}", node);
    }

    /** Takes the keys that sign tokens to where the old one can be retired, or to rest. */
    private static void turnKeys(boolean toBeRetired, LoneManager manager) {
        if (keys(manager).isAtRest()) {
            if (!toBeRetired) {
                return;
            }
            var unused = manager.core
                    .signing()
                    .rotate(
                            Actor.system("test"),
                            new RequestId(UUID.randomUUID().toString()),
                            SigningKey.TOKEN)
                    .toCompletableFuture()
                    .join();
        }
        if (keys(manager).used() < keys(manager).newest()) {
            manager.submit(
                    new Command.UseSigningKey(SigningKey.TOKEN, keys(manager).newest()));
        }
        if (!toBeRetired) {
            manager.submit(
                    new Command.RetireSigningKey(SigningKey.TOKEN, keys(manager).oldest()));
        }
    }

    private static SigningKeys keys(LoneManager manager) {
        return manager.core.fabric().view().signing(SigningKey.TOKEN);
    }
}
