package io.wgfabric.jgroups;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A member in a process of its own, which can be killed as a machine dies. It ends when its input is closed. */
public final class MemberProcess implements AutoCloseable {
    private final Process process;

    private MemberProcess(Process process) {
        this.process = process;
    }

    public static MemberProcess start(
            String cluster,
            String id,
            InetSocketAddress bind,
            Path directory,
            boolean first,
            List<InetSocketAddress> all)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                System.getProperty("java.class.path"),
                MemberProcess.class.getName(),
                cluster,
                id,
                Integer.toString(bind.getPort()),
                directory.toString(),
                Boolean.toString(first)));
        all.forEach(address -> command.add(Integer.toString(address.getPort())));
        File log = directory.resolveSibling(id + ".log").toFile();
        return new MemberProcess(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start());
    }

    /** As {@code kill -9}. */
    public void kill() {
        process.destroyForcibly();
    }

    /** Stops it for a while, as a stalled machine does. */
    void pause() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void resume() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] args) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        List<InetSocketAddress> all = new ArrayList<>();
        for (int i = 5; i < args.length; i++) {
            all.add(new InetSocketAddress(loopback, Integer.parseInt(args[i])));
        }
        JGroupsLog.Builder builder = JGroupsLog.builder()
                .cluster(args[0])
                .self(args[1])
                .bind(new InetSocketAddress(loopback, Integer.parseInt(args[2])))
                .directory(Path.of(args[3]))
                .members(() -> all)
                .plaintext();
        if (Boolean.parseBoolean(args[4])) {
            builder.bootstrap();
        }
        try (JGroupsLog log = builder.build()) {
            log.start(new Recorder());
            while (System.in.read() >= 0) {
                // until the parent goes away
            }
        }
    }
}
