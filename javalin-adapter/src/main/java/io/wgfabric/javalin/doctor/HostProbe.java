package io.wgfabric.javalin.doctor;

import io.wgfabric.javalin.doctor.HostChecks.Mode;
import io.wgfabric.javalin.doctor.NodeChecks.Sent;
import io.wgfabric.javalin.doctor.NodeChecks.Under;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Looks at this machine and changes nothing. */
final class HostProbe {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** What routers and the own system say to a packet that must not be cut. */
    private static final Pattern TOLD = Pattern.compile("mtu ?= ?([0-9]{2,5})");

    private static final int SMALL = 56;

    /** Of IPv4 or IPv6, and of ICMP. */
    private static final int HEADERS_4 = 28;

    private static final int HEADERS_6 = 48;
    private static final int MAX_OUTPUT = 1 << 16;

    private HostProbe() {}

    static Rights rights() {
        try {
            return Rights.parse(Files.readString(STATUS, StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return new Rights(-1, false);
        }
    }

    /** What is free for the folder, or for the one above it that there is. */
    static long free(Path folder) throws IOException {
        Path there = folder.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there == null ? 0 : Files.getFileStore(there).getUsableSpace();
    }

    /** Of those that are there. */
    static List<Mode> modes(List<Path> paths) throws IOException {
        List<Mode> modes = new ArrayList<>();
        for (Path path : paths) {
            if (Files.exists(path)) {
                modes.add(new Mode(path, Files.isDirectory(path), Files.getPosixFilePermissions(path)));
            }
        }
        return modes;
    }

    /** Whether somebody has the UDP port. */
    static boolean isUdpTaken(int port) {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.bind(new InetSocketAddress(port));
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    static boolean isTcpTaken(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As a manager does: connections of one that has just ended do not count.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    static boolean hasInterface(String name) {
        try {
            return NetworkInterface.getByName(name) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    /** By which link packets to a host leave, if it is another one than the interface itself. */
    static Optional<Under> under(String interfaceName, String host) {
        try (DatagramSocket socket = new DatagramSocket()) {
            InetAddress to = InetAddress.getByName(host);
            // Sends nothing: the system only chooses its own address.
            socket.connect(to, 9);
            NetworkInterface link = NetworkInterface.getByInetAddress(socket.getLocalAddress());
            NetworkInterface own = NetworkInterface.getByName(interfaceName);
            if (link == null || own == null || link.isLoopback() || link.equals(own)) {
                return Optional.empty();
            }
            return Optional.of(new Under(
                    interfaceName,
                    own.getMTU(),
                    link.getName(),
                    link.getMTU(),
                    to.getHostAddress(),
                    to instanceof Inet6Address));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** @return null if there is no ping(8) */
    static @Nullable Sent send(Under under) {
        int headers = under.v6() ? HEADERS_6 : HEADERS_4;
        String large = ping(under.to(), under.largest() - headers);
        if (large == null) {
            return null;
        }
        if (isAnswered(large)) {
            return new Sent(true, true, 0);
        }
        String small = ping(under.to(), SMALL);
        return new Sent(small != null && isAnswered(small), false, told(large));
    }

    private static boolean isAnswered(String output) {
        return output.contains("bytes from");
    }

    /** What a router said that it lets through; 0 if it said nothing. */
    static int told(String output) {
        Matcher matcher = TOLD.matcher(output);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    /** @return what it wrote; null if it is not there */
    private static @Nullable String ping(String to, int bytes) {
        ProcessBuilder builder = new ProcessBuilder(
                        "ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", String.valueOf(bytes), to)
                .redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            try (InputStream output = process.getInputStream()) {
                String text = new String(output.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
                var unused = process.waitFor(5, TimeUnit.SECONDS);
                return text;
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
