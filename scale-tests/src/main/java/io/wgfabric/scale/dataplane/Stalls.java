package io.wgfabric.scale.dataplane;

import io.wgfabric.simulation.lab.LabNode;
import io.wgfabric.simulation.netns.LabException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The driver's side of two {@link Stream}s. Used by one thread. */
final class Stalls implements AutoCloseable {
    private final Process receiver;
    private final Process sender;
    private final BufferedReader out;
    private final BufferedWriter in;

    private Stalls(DataPlane plane, LabNode from, LabNode to) throws IOException {
        List<String> program = plane.program().main(Stream.class);
        receiver = to.host().converse(Map.of(), plane.logs().resolve(to + "-stream.log"), program);
        out = new BufferedReader(new InputStreamReader(receiver.getInputStream(), StandardCharsets.UTF_8));
        in = new BufferedWriter(new OutputStreamWriter(receiver.getOutputStream(), StandardCharsets.UTF_8));
        if (!"ready".equals(out.readLine())) {
            throw new IOException("the receiver does not begin");
        }
        List<String> command = plane.program().main(Stream.class);
        command.add(to.v4().orElseThrow().toString());
        sender = from.host().start(Map.of(), plane.logs().resolve(from + "-stream.log"), command);
    }

    static Stalls between(DataPlane plane, LabNode from, LabNode to) {
        try {
            return new Stalls(plane, from, to);
        } catch (IOException e) {
            throw new LabException("no TCP connection: " + e.getMessage(), e);
        }
    }

    private double take() throws IOException {
        in.write("\n");
        in.flush();
        String line = out.readLine();
        if (line == null) {
            throw new IOException("the receiver has ended");
        }
        return Double.parseDouble(line);
    }

    /** What was before does not count. */
    void forget() {
        var unused = longestMillis();
    }

    /** The longest stall since the last time that this was asked, in milliseconds. */
    double longestMillis() {
        try {
            return take();
        } catch (IOException e) {
            throw new LabException("the TCP connection is lost: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        sender.destroyForcibly();
        receiver.destroyForcibly();
    }
}
