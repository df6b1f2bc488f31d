package io.wgfabric.core.state;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command.RetireSigningKey;
import io.wgfabric.api.Command.RotateSigningKey;
import io.wgfabric.api.Command.UseSigningKey;
import io.wgfabric.api.Event;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import org.jspecify.annotations.Nullable;

/**
 * How a signing key is followed by another: known, used, the old one retired. What a manager signs, every manager that
 * has heard of the step before believes.
 */
public final class SigningRules {
    /** The largest sealed key, public key or certificate, in bytes. */
    private static final int MAX_BYTES = 8192;

    private SigningRules() {}

    /** Under which name the state has a key. The first has no number, as it was written before there were others. */
    public static String nameOf(SigningKey key, int generation) {
        return key.text() + "-key" + (generation == 1 ? "" : "-" + generation);
    }

    static String subject(SigningKey key, int generation) {
        return key.text() + " key " + generation;
    }

    static Verdict rotate(Draft draft, RotateSigningKey command) {
        String subject = subject(command.key(), command.generation());
        SigningKeys keys = keys(draft, command.key());
        if (!keys.isAtRest()) {
            return Verdict.refused(
                    subject,
                    Reason.SIGNING_KEY_OUTDATED,
                    "the rotation from key " + keys.oldest() + " is not over; see 'fabric key list', and end it with"
                            + " 'fabric key retire " + command.key().text() + "'");
        }
        if (command.generation() != keys.newest() + 1) {
            return outdated(subject, keys);
        }
        if (command.sealing() != draft.sealing.generation()) {
            return Verdict.refused(
                    subject, Reason.SEALING_OUTDATED, "the sealing key was rotated in the meantime; ask again");
        }
        if (!isSound(command.secret()) || !isSound(command.publicKey())) {
            return Verdict.refused(subject, Reason.INVALID, "a key has 1 to " + MAX_BYTES + " bytes");
        }
        String name = nameOf(command.key(), command.generation());
        draft.secrets = draft.secrets.plus(name, command.secret());
        draft.publicKeys = draft.publicKeys.plus(name, command.publicKey());
        return changed(draft, command.key(), keys.withNext(draft.time), subject, "known");
    }

    static Verdict use(Draft draft, UseSigningKey command) {
        String subject = subject(command.key(), command.generation());
        SigningKeys keys = keys(draft, command.key());
        if (command.generation() != keys.newest() || keys.used() == keys.newest()) {
            return outdated(subject, keys);
        }
        draft.secrets = draft.secrets.minus(nameOf(command.key(), keys.used()));
        return changed(draft, command.key(), keys.withNextUsed(draft.time), subject, "used");
    }

    static Verdict retire(Draft draft, RetireSigningKey command) {
        String subject = subject(command.key(), command.generation());
        SigningKeys keys = keys(draft, command.key());
        if (command.generation() != keys.oldest() || keys.oldest() == keys.used()) {
            return outdated(subject, keys);
        }
        draft.publicKeys = draft.publicKeys.minus(nameOf(command.key(), keys.oldest()));
        int revoked = command.key() == SigningKey.TOKEN ? TokenRules.revokeMadeUpTo(draft, keys.since()) : 0;
        String what = "retired" + (revoked == 0 ? "" : ", with " + revoked + " tokens that it had signed");
        return changed(draft, command.key(), keys.withOldRetired(draft.time), subject, what);
    }

    private static Verdict changed(Draft draft, SigningKey key, SigningKeys keys, String subject, String what) {
        draft.signing = draft.signing.plus(key, keys);
        draft.events.add(new Event.SigningKeyChanged(key));
        return Verdict.accepted(subject, what);
    }

    private static SigningKeys keys(Draft draft, SigningKey key) {
        return draft.signing.getOrDefault(key, SigningKeys.FIRST);
    }

    private static Verdict outdated(String subject, SigningKeys keys) {
        return Verdict.refused(
                subject,
                Reason.SIGNING_KEY_OUTDATED,
                "key " + keys.used() + " is used, " + keys.oldest() + " is the oldest and " + keys.newest()
                        + " the newest; see 'fabric key list'");
    }

    private static boolean isSound(@Nullable Bytes value) {
        return value != null && value.length() > 0 && value.length() <= MAX_BYTES;
    }
}
