package io.wgfabric.simulation.containers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process of a container has of the machine, as its kernel counts it (proc(5)).
 *
 * @param name of the program, as {@code java}
 * @param residentKib its memory that is not swapped out, in KiB, files that others have mapped as well among it
 * @param ownKib of that what no file backs: heap, stacks, compiled code, and what it changed of mapped files
 * @param cpu on processors since it started; to 10 ms
 */
public record ProcessUse(String name, long residentKib, long ownKib, Duration cpu) {
    /** Prints the two files that {@link #parse} reads of every process; one may end meanwhile. */
    static final List<String> COMMAND = List.of("sh", "-c", "cat /proc/[0-9]*/status /proc/[0-9]*/stat 2>/dev/null; :");

    private static final Pattern FIELD = Pattern.compile("(Name|Pid|VmRSS|RssAnon):\\s+(\\S+).*");

    /** Process id, name, eleven fields, and the ticks in user and kernel mode. */
    private static final Pattern STAT = Pattern.compile("(\\d+) \\((.*)\\) \\S(?: -?\\d+){10} (\\d+) (\\d+) .*");

    /** USER_HZ, which is 100 wherever Java runs on Linux. */
    private static final long TICK_MILLIS = 10;

    static List<ProcessUse> parse(String printed) {
        Map<String, Map<String, String>> memory = new HashMap<>();
        Map<String, String> fields = new HashMap<>();
        List<ProcessUse> found = new ArrayList<>();
        for (String line : printed.lines().toList()) {
            Matcher field = FIELD.matcher(line);
            Matcher stat = STAT.matcher(line);
            if (field.matches()) {
                if (field.group(1).equals("Name")) {
                    fields = new HashMap<>();
                } else if (field.group(1).equals("Pid")) {
                    memory.put(field.group(2), fields);
                }
                fields.put(field.group(1), field.group(2));
            } else if (stat.matches() && memory.containsKey(stat.group(1))) {
                Map<String, String> of = memory.get(stat.group(1));
                long ticks = Long.parseLong(stat.group(3)) + Long.parseLong(stat.group(4));
                found.add(new ProcessUse(
                        stat.group(2),
                        Long.parseLong(of.getOrDefault("VmRSS", "0")),
                        Long.parseLong(of.getOrDefault("RssAnon", "0")),
                        Duration.ofMillis(ticks * TICK_MILLIS)));
            }
        }
        return found;
    }
}
