package io.wgfabric.javalin.rest;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who is signed in at the web page of this manager. Sessions are in its memory alone, by the hash of what the browser
 * keeps in its cookie, and end with the process. Each use looks up the operator in the replicated state, so that of a
 * revoked operator ends wherever it was opened. Thread-safe.
 */
final class Sessions {
    /** The browser takes this name over TLS alone, for this host alone (RFC 6265bis section 4.1.3.2). */
    static final String COOKIE = "__Host-fabric";

    /** A session ends when it was not used for so long. */
    static final Duration IDLE = Duration.ofMinutes(30);

    /** A session ends then in any case. */
    static final Duration LIFE = Duration.ofHours(12);

    /** Of one operator; one more ends his oldest, so that nobody can take the room of others. */
    static final int OF_OPERATOR = 8;

    private static final int SECRET_BYTES = 32;
    private static final int SECRET_LENGTH = 43;

    /** @param operator has one credential for as long as there is such an operator */
    private record Session(OperatorId operator, Instant opened, Instant used) {
        boolean isOverAt(Instant now) {
            return !now.isBefore(ends());
        }

        Instant ends() {
            Instant idle = used.plus(IDLE);
            Instant end = opened.plus(LIFE);
            return idle.isBefore(end) ? idle : end;
        }
    }

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock;

    /** The oldest first. */
    private final Map<Bytes, Session> sessions = new LinkedHashMap<>();

    Sessions(InstantSource clock) {
        this.clock = clock;
    }

    /** @return what the browser shows from now on; it is kept nowhere else */
    synchronized String open(Operator operator, FabricView view) {
        dropEnded(view);
        if (count(operator.id()) >= OF_OPERATOR) {
            sessions.entrySet().stream()
                    .filter(entry -> entry.getValue().operator().equals(operator.id()))
                    .findFirst()
                    .map(Map.Entry::getKey)
                    .ifPresent(sessions::remove);
        }
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        Instant now = clock.instant();
        sessions.put(hash(text), new Session(operator.id(), now, now));
        return text;
    }

    /** The operator whose session it is, if it goes on; it is used by that. */
    synchronized Optional<Operator> find(String text, FabricView view) {
        if (text.length() != SECRET_LENGTH) {
            return Optional.empty();
        }
        Bytes key = hash(text);
        Session session = sessions.get(key);
        if (session == null) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Optional<Operator> operator = view.operator(session.operator());
        if (operator.isEmpty() || session.isOverAt(now)) {
            sessions.remove(key);
            return Optional.empty();
        }
        sessions.replace(key, new Session(session.operator(), session.opened(), now));
        return operator;
    }

    /** When it ends if it is not used again. */
    synchronized Optional<Instant> ends(String text) {
        return Optional.ofNullable(sessions.get(hash(text))).map(Session::ends);
    }

    synchronized void close(String text) {
        sessions.remove(hash(text));
    }

    synchronized int size() {
        return sessions.size();
    }

    private void dropEnded(FabricView view) {
        Instant now = clock.instant();
        sessions.values()
                .removeIf(session -> session.isOverAt(now)
                        || view.operator(session.operator()).isEmpty());
    }

    private long count(OperatorId operator) {
        return sessions.values().stream()
                .filter(session -> session.operator().equals(operator))
                .count();
    }

    /** What is long and random needs no comparison in constant time once it is hashed. */
    private static Bytes hash(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.US_ASCII));
    }
}
