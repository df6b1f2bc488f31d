package io.wgfabric.scale.dataplane;

import io.wgfabric.simulation.lab.LabNode;
import io.wgfabric.simulation.netns.LabException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which keys the WireGuard interfaces of a node have. Userspace WireGuard is asked over its socket, in under a
 * millisecond, so that twenty nodes can be asked again and again on a small machine; the kernel's with {@code wg}.
 */
final class Interfaces {
    private static final List<String> NAMES = List.of("wgf0", "wgf1");
    private static final byte[] GET = "get=1\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final String PUBLIC_KEY = "public_key=";

    private Interfaces() {}

    /** The public keys of all peers, on both planes. */
    static Set<String> peerKeys(LabNode node) {
        Set<String> keys = new HashSet<>();
        boolean userspace = false;
        for (String name : NAMES) {
            Path socket = node.host().sockets().resolve(name + ".sock");
            if (Files.exists(socket)) {
                userspace = true;
                keys.addAll(ask(socket));
            }
        }
        return userspace ? keys : asWgShows(node);
    }

    /** Whether the node has any WireGuard interface. */
    static boolean any(LabNode node) {
        return node.host().interfaces().stream().anyMatch(each -> NAMES.contains(each.name()));
    }

    /** The pre-shared keys of peers on the main plane, by the peer's public key; those without one are left out. */
    static Map<String, String> presharedKeys(LabNode node) {
        Map<String, String> keys = new HashMap<>();
        node.host()
                .require("wg", "show", NAMES.get(0), "preshared-keys")
                .out()
                .lines()
                .forEach(line -> {
                    String[] columns = line.split("\t", 2);
                    if (!columns[1].equals("(none)")) {
                        keys.put(columns[0], columns[1]);
                    }
                });
        return keys;
    }

    private static Set<String> asWgShows(LabNode node) {
        return node.host()
                .run("wg", "show", "all", "peers")
                .out()
                .lines()
                .map(line -> line.split("\t", 2)[1])
                .collect(Collectors.toSet());
    }

    /** The spare plane may go away while it is asked; then it has no keys any more. */
    private static Set<String> ask(Path socket) {
        StringBuilder text = new StringBuilder();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(GET));
            ByteBuffer in = ByteBuffer.allocate(1 << 16);
            while (text.indexOf("\n\n") < 0 && channel.read(in) >= 0) {
                in.flip();
                text.append(StandardCharsets.US_ASCII.decode(in));
                in.clear();
            }
        } catch (IOException e) {
            if (socket.endsWith(NAMES.get(1) + ".sock")) {
                return Set.of();
            }
            throw new LabException("no answer from " + socket + ": " + e.getMessage(), e);
        }
        if (!text.toString().contains("errno=0")) {
            throw new LabException(socket + " answers with an error");
        }
        return text.toString()
                .lines()
                .filter(line -> line.startsWith(PUBLIC_KEY))
                .map(line -> Base64.getEncoder()
                        .encodeToString(HexFormat.of().parseHex(line.substring(PUBLIC_KEY.length()))))
                .collect(Collectors.toSet());
    }
}
