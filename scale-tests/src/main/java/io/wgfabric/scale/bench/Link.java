package io.wgfabric.scale.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One end of a connection of frames: length (4 bytes), kind (1), number (8), body. What is sent while a write is under
 * way leaves with the next one. Thread-safe.
 */
final class Link implements AutoCloseable {
    private static final int HEAD = 9;
    private static final int MAX_BODY = 1 << 20;

    /** Hears what the other end sends, on the link's reading thread. */
    interface Receiver {
        void received(byte kind, long number, byte[] body);

        /** Nothing more will come. */
        void closed();
    }

    @SuppressWarnings("ArrayRecordComponent") // on its way, never compared
    private record Frame(byte kind, long number, byte[] body) {}

    private final Socket socket;
    private final LinkedBlockingQueue<Frame> outgoing = new LinkedBlockingQueue<>();
    private volatile boolean open = true;

    Link(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
    }

    /** Begins to read; before that nothing is sent. */
    void start(Receiver receiver) {
        daemon("link-in", () -> read(receiver));
        daemon("link-out", this::write);
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    boolean isOpen() {
        return open;
    }

    void send(byte kind, long number, byte[] body) {
        outgoing.add(new Frame(kind, number, body));
    }

    private void write() {
        List<Frame> batch = new ArrayList<>();
        try {
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
            while (open) {
                batch.add(outgoing.take());
                outgoing.drainTo(batch);
                for (Frame frame : batch) {
                    out.writeInt(HEAD + frame.body().length);
                    out.writeByte(frame.kind());
                    out.writeLong(frame.number());
                    out.write(frame.body());
                }
                out.flush();
                batch.clear();
            }
        } catch (IOException e) {
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(Receiver receiver) {
        try {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
            while (open) {
                int length = in.readInt() - HEAD;
                if (length < 0 || length > MAX_BODY) {
                    throw new IOException("a frame of " + length + " bytes");
                }
                byte kind = in.readByte();
                long number = in.readLong();
                byte[] body = new byte[length];
                in.readFully(body);
                receiver.received(kind, number, body);
            }
        } catch (IOException e) {
            close();
        } finally {
            receiver.closed();
        }
    }

    @Override
    public void close() {
        open = false;
        outgoing.add(new Frame((byte) 0, 0, new byte[0])); // wakes the writer, whose socket is closed then
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no more use either way.
        }
    }
}
