package io.wgfabric.simulation.netns;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a run of {@code ping} counted.
 *
 * @param sent echo requests
 * @param lost requests without an answer; one that may still have been on its way at the end is not counted
 * @param longestRun the most lost ones in a row
 */
public record PingCount(int sent, int lost, int longestRun) {
    private static final Pattern ANSWER = Pattern.compile("bytes from .* icmp_seq=(\\d+)");
    private static final Pattern SENT = Pattern.compile("(\\d+) packets transmitted");

    /**
     * Reads what {@code ping -n} printed, one line for each answer and the summary.
     *
     * @throws LabException if there is no summary
     */
    static PingCount parse(String text) {
        Matcher summary = SENT.matcher(text);
        if (!summary.find()) {
            String said = text.strip();
            throw new LabException("ping counted nothing: " + said.substring(0, Math.min(200, said.length())));
        }
        int sent = Integer.parseInt(summary.group(1));
        Set<Integer> answered = new TreeSet<>();
        ANSWER.matcher(text).results().forEach(match -> answered.add(Integer.parseInt(match.group(1))));
        return of(sent, answered);
    }

    /** @param answered which requests were, numbered from 1 */
    public static PingCount of(int sent, Set<Integer> answered) {
        int lost = 0;
        int run = 0;
        int longest = 0;
        int last = answered.contains(sent) ? sent : sent - 1;
        for (int sequence = 1; sequence <= last; sequence++) {
            run = answered.contains(sequence) ? 0 : run + 1;
            lost += run > 0 ? 1 : 0;
            longest = Math.max(longest, run);
        }
        return new PingCount(sent, lost, longest);
    }
}
