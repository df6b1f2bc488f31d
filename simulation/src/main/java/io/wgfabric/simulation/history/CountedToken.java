package io.wgfabric.simulation.history;

import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A join token that admits so many times: each use is under a request id, and a repeat of an id gets the first answer
 * and takes no further use.
 */
public final class CountedToken implements Model<CountedToken.Token, CountedToken.Ask, CountedToken.Answer> {

    /**
     * A token as it is.
     *
     * @param uses how many it admits; 0 before it is created
     * @param answers what each request id was answered
     */
    public record Token(int uses, int used, boolean revoked, SortedMap<String, Answer> answers) {
        boolean exists() {
            return uses > 0;
        }
    }

    /** What is asked of a token. */
    public sealed interface Ask {}

    public record Create(int uses) implements Ask {}

    public record Use(String request) implements Ask {}

    public record Revoke() implements Ask {}

    public record Look() implements Ask {}

    /** What is answered. */
    public sealed interface Answer {}

    /** It was done. */
    public record Done() implements Answer {}

    public record UsedUp() implements Answer {}

    public record Revoked() implements Answer {}

    public record Unknown() implements Answer {}

    /** It would have admitted, but something else stood against it; no use was taken. */
    public record Declined() implements Answer {}

    /** What {@link Look} saw. */
    public record Seen(int used, boolean revoked) implements Answer {}

    @Override
    public Token initial() {
        return new Token(0, 0, false, new TreeMap<>());
    }

    @Override
    public @Nullable Token step(Token token, Ask input, @Nullable Answer output) {
        if (input instanceof Create create) {
            // A repeat of the creation is answered as the first one was.
            Token after = token.exists() ? token : new Token(create.uses(), 0, false, token.answers());
            return allowed(output, new Done()) ? after : null;
        }
        if (input instanceof Use use) {
            return use(token, use.request(), output);
        }
        if (input instanceof Revoke) {
            Token after = token.exists() ? new Token(token.uses(), token.used(), true, token.answers()) : token;
            return allowed(output, token.exists() ? new Done() : new Unknown()) ? after : null;
        }
        Answer seen = token.exists() ? new Seen(token.used(), token.revoked()) : new Unknown();
        return allowed(output, seen) ? token : null;
    }

    private static @Nullable Token use(Token token, String request, @Nullable Answer output) {
        Answer before = token.answers().get(request);
        if (before != null) {
            return allowed(output, before) ? token : null;
        }
        Answer decision = decision(token);
        Answer right = output instanceof Declined declined && decision instanceof Done ? declined : decision;
        if (!allowed(output, right)) {
            return null;
        }
        TreeMap<String, Answer> answers = new TreeMap<>(token.answers());
        answers.put(request, right);
        int used = token.used() + (right instanceof Done ? 1 : 0);
        return new Token(token.uses(), used, token.revoked(), answers);
    }

    private static Answer decision(Token token) {
        if (!token.exists()) {
            return new Unknown();
        }
        if (token.revoked()) {
            return new Revoked();
        }
        return token.used() < token.uses() ? new Done() : new UsedUp();
    }

    private static boolean allowed(@Nullable Answer told, Answer right) {
        return told == null || told.equals(right);
    }
}
