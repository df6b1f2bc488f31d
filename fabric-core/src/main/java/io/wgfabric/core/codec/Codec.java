package io.wgfabric.core.codec;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Outcome;
import io.wgfabric.core.state.Envelope;
import io.wgfabric.core.state.State;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.InvalidTypeIdException;

/** Bytes of what is replicated: envelopes, answers, snapshots. Deterministic: equal values give equal bytes. */
public final class Codec {
    private Codec() {}

    public static byte[] encode(Envelope envelope) {
        return Json.mapper().writeValueAsBytes(envelope);
    }

    /** @throws CodecException if the bytes are not an envelope that this version knows: the replica must halt */
    public static Envelope decodeEnvelope(byte[] bytes) {
        return decode(bytes, Envelope.class, envelope -> envelope);
    }

    public static byte[] encode(Outcome outcome) {
        return Json.mapper().writerFor(Outcome.class).writeValueAsBytes(outcome);
    }

    /** @throws CodecException if the bytes are not an outcome */
    public static Outcome decodeOutcome(byte[] bytes) {
        return decode(bytes, Outcome.class, outcome -> outcome);
    }

    public static byte[] encode(State state) {
        return Json.mapper().writeValueAsBytes(Snapshot.of(state));
    }

    /** @throws CodecException if the bytes are not a snapshot */
    public static State decodeState(byte[] bytes) {
        return decode(bytes, Snapshot.class, Snapshot::toState);
    }

    /** SHA-256 over the whole state. */
    public static Bytes digest(State state) {
        return Bytes.sha256(encode(state));
    }

    /** What tells a repeat of a command under its request id from another command: who asked for what. */
    public static Bytes fingerprint(Envelope envelope) {
        Actor actor = envelope.actor();
        return Bytes.sha256(
                (actor.kind().name() + ' ' + actor.id() + '\n').getBytes(StandardCharsets.UTF_8),
                Json.mapper().writerFor(Command.class).writeValueAsBytes(envelope.command()));
    }

    /** @param then what the value is made into; whatever it throws means that the parts do not fit together */
    private static <V, T> T decode(byte[] bytes, Class<V> type, Function<V, T> then) {
        try {
            V value = Json.mapper().readValue(bytes, type);
            if (value == null) {
                throw new IllegalArgumentException("it is null");
            }
            return then.apply(value);
        } catch (RuntimeException e) {
            if (e instanceof InvalidTypeIdException unknown && unknown.getTypeId() != null) {
                throw new CodecException(
                        "this manager's software is too old: it does not know '" + unknown.getTypeId()
                                + "'; install a newer version",
                        e);
            }
            throw new CodecException("cannot read " + type.getSimpleName() + ": " + firstLine(e), e);
        }
    }

    private static String firstLine(Exception e) {
        String message = e instanceof JacksonException jackson ? jackson.getOriginalMessage() : e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
