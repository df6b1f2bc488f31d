package io.wgfabric.scale.dataplane;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One end of a TCP connection, as a process in a node's network namespace: what it sends is little and steady, so that
 * the receiver knows each stall to the millisecond, which iperf3 with its tenths of a second does not.
 */
final class Stream {
    static final int PORT = 9_998;

    private static final int CHUNK_BYTES = 1_000;
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private long last = System.nanoTime();
    private long longest;

    private Stream() {}

    /** @param arguments the receiver's address; none for the receiver */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 0) {
            send(arguments[0]);
        } else {
            new Stream().receive();
        }
    }

    private static void send(String address) throws IOException {
        try (Socket socket = new Socket(address, PORT)) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            byte[] chunk = new byte[CHUNK_BYTES];
            for (long due = System.nanoTime(); true; due += PERIOD_NANOS) {
                LockSupport.parkNanos(due - System.nanoTime());
                out.write(chunk);
            }
        }
    }

    /** Answers each line of its input with the longest stall since the one before, in milliseconds. */
    private void receive() throws IOException {
        try (ServerSocket server = new ServerSocket(PORT)) {
            System.out.println("ready");
            Socket socket = server.accept();
            Thread reader = new Thread(() -> read(socket), "read");
            reader.setDaemon(true);
            reader.start();
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (in.readLine() != null) {
                System.out.println(takeLongest() / 1e6);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private synchronized long takeLongest() {
        long found = Math.max(longest, System.nanoTime() - last);
        longest = 0;
        return found;
    }

    private synchronized void arrived() {
        long now = System.nanoTime();
        longest = Math.max(longest, now - last);
        last = now;
    }

    private void read(Socket socket) {
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = socket.getInputStream()) {
            while (in.read(buffer) >= 0) {
                arrived();
            }
        } catch (IOException e) {
            System.err.println("the connection broke: " + e.getMessage());
        }
    }
}
