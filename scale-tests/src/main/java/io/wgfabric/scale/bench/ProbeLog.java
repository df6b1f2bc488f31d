package io.wgfabric.scale.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a {@link Probe} has written so far. Read again by each {@link #refresh}; used by one thread. */
final class ProbeLog {
    /** A member as it was seen last: its role, whom it takes for the leader, the term, how many voters it knows. */
    record Seen(long nanos, String role, String leader, long term, int voters) {
        static final Seen NEVER = new Seen(0, "-", "-", 0, 0);
    }

    private final Path file;
    private long position;
    private String rest = "";
    private final List<List<Long>> acknowledged = new ArrayList<>();
    private final List<Seen> seen = new ArrayList<>();
    private long highestTerm;

    ProbeLog(Path file, int members) {
        this.file = file;
        for (int i = 0; i < members; i++) {
            acknowledged.add(new ArrayList<>());
            seen.add(Seen.NEVER);
        }
    }

    ProbeLog refresh() {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            byte[] more = new byte[(int) (in.length() - position)];
            in.seek(position);
            in.readFully(more);
            position += more.length;
            String text = rest + new String(more, StandardCharsets.US_ASCII);
            int end = text.lastIndexOf('\n') + 1;
            rest = text.substring(end);
            text.substring(0, end).lines().forEach(this::read);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    private void read(String line) {
        String[] words = line.split(" ", -1);
        int member = Integer.parseInt(words[1]);
        long nanos = Long.parseLong(words[2]);
        if (words[0].equals("a")) {
            acknowledged.get(member).add(nanos);
        } else {
            long term = Long.parseLong(words[5]);
            highestTerm = Math.max(highestTerm, term);
            seen.set(member, new Seen(nanos, words[3], words[4], term, Integer.parseInt(words[6])));
        }
    }

    /** Grows with each election that got as far as asking for votes, and never otherwise. */
    long highestTerm() {
        return highestTerm;
    }

    Seen seen(int member) {
        return seen.get(member);
    }

    long lastAcknowledged(int member) {
        List<Long> times = acknowledged.get(member);
        return times.isEmpty() ? 0 : times.get(times.size() - 1);
    }

    /** The longest time between two successive acknowledgements through a member, the later one after the given time. */
    double longestGapMillis(int member, long since) {
        List<Long> times = acknowledged.get(member);
        long longest = 0;
        for (int i = times.size() - 1; i > 0 && times.get(i) > since; i--) {
            longest = Math.max(longest, times.get(i) - times.get(i - 1));
        }
        return longest / 1e6;
    }
}
