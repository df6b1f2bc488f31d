package io.wgfabric.scale.report;

import org.jspecify.annotations.Nullable;

/**
 * One figure, or one thing worth knowing.
 *
 * @param group what it is a fact of; empty for the run
 * @param value null if it is no number
 * @param text for people
 * @param unit of the value; may be empty
 */
record Fact(String group, String name, @Nullable Double value, String text, String unit) {

    static Fact of(String group, String name, double value, String unit) {
        return new Fact(group, name, value, Figures.number(value), unit);
    }

    static Fact of(String group, String name, String text) {
        return new Fact(group, name, null, text, "");
    }
}
