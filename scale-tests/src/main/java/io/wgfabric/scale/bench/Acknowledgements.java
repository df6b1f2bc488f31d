package io.wgfabric.scale.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An {@link AskClient} as who started it sees it: when each of its requests was acknowledged. */
final class Acknowledgements implements AutoCloseable {
    private final Child child;
    private final Writer out;
    private final List<Long> times = new ArrayList<>();

    private Acknowledgements(Child child) {
        this.child = child;
        this.out = new OutputStreamWriter(child.process().getOutputStream(), StandardCharsets.UTF_8);
        Thread reading = new Thread(this::read, "acknowledgements");
        reading.setDaemon(true);
        reading.start();
    }

    static Acknowledgements start(Path log, List<String> arguments) throws IOException {
        return new Acknowledgements(
                Child.talking(log, Child.java(List.of("-Xms128m", "-Xmx256m"), AskClient.class, arguments)));
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(child.process().getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                add(Long.parseLong(line));
            }
        } catch (IOException e) {
            // The client was ended.
        }
    }

    private synchronized void add(long time) {
        times.add(time);
    }

    void tell(String line) throws IOException {
        out.write(line + "\n");
        out.flush();
    }

    synchronized void clear() {
        times.clear();
    }

    synchronized int count() {
        return times.size();
    }

    /** How many came after that time. */
    synchronized long countSince(long nanos) {
        return times.stream().filter(time -> time - nanos > 0).count();
    }

    /** The longest time between two successive ones of which the later came after that time; in milliseconds. */
    synchronized double longestGapMillis(long nanos) {
        long longest = 0;
        for (int i = 1; i < times.size(); i++) {
            if (times.get(i) - nanos > 0) {
                longest = Math.max(longest, times.get(i) - times.get(i - 1));
            }
        }
        return longest / 1e6;
    }

    /** The usual time between two; in milliseconds. */
    synchronized double medianGapMillis() {
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < times.size(); i++) {
            gaps.add(times.get(i) - times.get(i - 1));
        }
        return Run.median(gaps) / 1e6;
    }

    @Override
    public void close() {
        child.close();
    }
}
