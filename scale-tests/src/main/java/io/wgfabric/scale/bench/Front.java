package io.wgfabric.scale.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletionStage;

/** The door of a member for clients in other processes; the same for each log that is compared. Plaintext. */
final class Front {
    static final byte APPEND = 1;
    static final byte STATUS = 2;
    static final byte ADD_VOTER = 3;
    static final byte DONE = 4;
    static final byte FAILED = 5;

    /** A member of some log. */
    interface Member {
        CompletionStage<byte[]> append(byte[] command) throws Exception;

        /** Its role, who leads, and the term; separated by spaces. */
        String status();

        CompletionStage<Void> addVoter(String member);
    }

    private final Member member;
    private final ServerSocket server;

    private Front(Member member, ServerSocket server) {
        this.member = member;
        this.server = server;
    }

    /** Serves until the process's input ends. */
    static void serve(InetSocketAddress address, Member member) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(address);
        Front front = new Front(member, server);
        Thread accepting = new Thread(front::accept, "front");
        accepting.setDaemon(true);
        accepting.start();
    }

    /** Returns when the process that started this one has gone; never with {@code -Dbench.stay=true}. */
    static void untilInputEnds() throws IOException, InterruptedException {
        if (Boolean.getBoolean("bench.stay")) {
            Thread.currentThread().join();
        }
        while (System.in.read() >= 0) {
            // until the parent goes away
        }
    }

    private void accept() {
        try {
            while (true) {
                Link link = new Link(server.accept());
                link.start(new Serving(link));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Serving implements Link.Receiver {
        private final Link link;

        Serving(Link link) {
            this.link = link;
        }

        @Override
        public void received(byte kind, long number, byte[] body) {
            try {
                switch (kind) {
                    case APPEND -> answer(number, member.append(body));
                    case ADD_VOTER ->
                        answer(number, member.addVoter(new String(body, UTF_8)).thenApply(done -> new byte[0]));
                    default -> link.send(DONE, number, member.status().getBytes(UTF_8));
                }
            } catch (Exception e) {
                fail(number, e);
            }
        }

        private void answer(long number, CompletionStage<byte[]> stage) {
            stage.whenComplete((answer, failure) -> {
                if (failure == null) {
                    link.send(DONE, number, answer == null ? new byte[0] : answer);
                } else {
                    fail(number, failure);
                }
            });
        }

        private void fail(long number, Throwable failure) {
            link.send(FAILED, number, String.valueOf(failure.getMessage()).getBytes(UTF_8));
        }

        @Override
        public void closed() {
            // What it asked for goes on without it.
        }
    }
}
