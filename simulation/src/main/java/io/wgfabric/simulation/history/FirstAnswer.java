package io.wgfabric.simulation.history;

import org.jspecify.annotations.Nullable;

/**
 * Requests under one id: whatever the first was answered, all are. The state is the first answer, empty before it; the
 * input names the request id.
 */
public final class FirstAnswer implements Model<String, String, String> {
    private static final String NONE = "";

    @Override
    public String initial() {
        return NONE;
    }

    @Override
    public @Nullable String step(String first, String input, @Nullable String output) {
        if (output == null) {
            // It may have been decided, but which way nobody was told: who asks next will be.
            return first;
        }
        return first.equals(NONE) || first.equals(output) ? output : null;
    }
}
