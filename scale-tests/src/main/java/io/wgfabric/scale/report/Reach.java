package io.wgfabric.scale.report;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who reaches whom: every directed pair of some nodes, as real packets found it. Immutable.
 *
 * @param names of the nodes, in the order in which they are shown
 */
public record Reach(List<String> names, List<BitSet> failed) {

    /** Makes a matrix in which all pairs are reachable but those that are named. */
    public static final class Builder {
        private final Map<String, Integer> index = new LinkedHashMap<>();
        private final List<BitSet> failed = new ArrayList<>();

        private Builder(List<String> names) {
            for (String name : names) {
                if (index.put(name, failed.size()) != null) {
                    throw new IllegalArgumentException("two nodes of a matrix have one name");
                }
                failed.add(new BitSet(names.size()));
            }
        }

        /** One does not reach the other. */
        public Builder failed(String from, String to) {
            int source = at(from);
            int target = at(to);
            if (source == target) {
                throw new IllegalArgumentException("a node does not ask itself");
            }
            failed.get(source).set(target);
            return this;
        }

        private int at(String name) {
            Integer at = index.get(name);
            if (at == null) {
                throw new IllegalArgumentException("no node of the matrix has that name");
            }
            return at;
        }

        public Reach build() {
            return new Reach(List.copyOf(index.keySet()), failed);
        }
    }

    public Reach {
        names = List.copyOf(names);
        failed = failed.stream().map(each -> (BitSet) each.clone()).toList();
    }

    /** @throws IllegalArgumentException if two have one name */
    public static Builder of(List<String> names) {
        return new Builder(names);
    }

    /** Directed; a node and itself are none. */
    public int pairs() {
        return names.size() * Math.max(0, names.size() - 1);
    }

    public int failures() {
        return failed.stream().mapToInt(BitSet::cardinality).sum();
    }

    boolean isFailed(int from, int to) {
        return failed.get(from).get(to);
    }
}
