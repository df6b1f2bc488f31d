package io.wgfabric.scale.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A {@link LoadClient} as who started it sees it. Used by one thread. */
final class Load implements AutoCloseable {
    private final Child child;
    private final Writer out;
    private final BufferedReader in;

    private Load(Child child) {
        this.child = child;
        this.out = new OutputStreamWriter(child.process().getOutputStream(), StandardCharsets.UTF_8);
        this.in = new BufferedReader(new InputStreamReader(child.process().getInputStream(), StandardCharsets.UTF_8));
    }

    /** @param client see {@link LoadClient#main} */
    static Load start(Path log, List<String> client) throws IOException {
        return new Load(Child.talking(log, Child.java(List.of("-Xms256m", "-Xmx256m"), LoadClient.class, client)));
    }

    LoadClient.Measured run(int inFlight, long millis) throws IOException {
        out.write(inFlight + " " + millis + "\n");
        out.flush();
        String line = in.readLine();
        if (line == null) {
            throw new IOException("the client ended; see its log");
        }
        return LoadClient.Measured.parse(line);
    }

    @Override
    public void close() {
        child.close();
    }
}
