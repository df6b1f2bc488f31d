package io.wgfabric.core.state;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command.RetireSigningKey;
import io.wgfabric.api.Command.RotateSigningKey;
import io.wgfabric.api.Command.UseSigningKey;
import io.wgfabric.api.Event;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import java.util.Objects;
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

    /** Under which name the state has an authority's certificate from the one before it, until that one is retired. */
    public static String crossOf(int generation) {
        return "authority-cross-" + generation;
    }

    /** Under which name the state has, until an authority is used, the certificate that it gave to the signing key. */
    private static String signerOf(int generation) {
        return "authority-signer-" + generation;
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
        if (!isUndisturbed(draft, command.key())) {
            return Verdict.refused(
                    subject,
                    Reason.SIGNING_KEY_OUTDATED,
                    "the authority certifies the key for configurations: while one of the two is rotated the other is"
                            + " not; see 'fabric key list'");
        }
        if (command.sealing() != draft.sealing.generation()) {
            return Verdict.refused(
                    subject, Reason.SEALING_OUTDATED, "the sealing key was rotated in the meantime; ask again");
        }
        if (!isSound(command.secret()) || !isSound(command.publicKey())) {
            return Verdict.refused(subject, Reason.INVALID, "a key has 1 to " + MAX_BYTES + " bytes");
        }
        boolean authority = command.key() == SigningKey.AUTHORITY;
        Bytes cross = command.cross();
        Bytes signer = command.signer();
        if (authority
                ? !isSound(cross) || !isSound(signer)
                : cross != null || signer != null || command.signerOf() != 0) {
            return Verdict.refused(
                    subject, Reason.INVALID, "an authority, and nothing else, comes with two certificates more");
        }
        if (authority && command.signerOf() != keys(draft, SigningKey.CONFIG).used()) {
            return Verdict.refused(
                    subject,
                    Reason.SIGNING_KEY_OUTDATED,
                    "the key for configurations was rotated in the meantime; ask again");
        }
        if (cross != null && signer != null) {
            draft.publicKeys = draft.publicKeys
                    .plus(crossOf(command.generation()), cross)
                    .plus(signerOf(command.generation()), signer);
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
        if (command.key() == SigningKey.AUTHORITY) {
            String signer =
                    nameOf(SigningKey.CONFIG, keys(draft, SigningKey.CONFIG).used());
            draft.publicKeys = draft.publicKeys
                    .plus(signer, published(draft, signerOf(keys.newest())))
                    .minus(signerOf(keys.newest()));
        }
        return changed(draft, command.key(), keys.withNextUsed(draft.time), subject, "used");
    }

    static Verdict retire(Draft draft, RetireSigningKey command) {
        String subject = subject(command.key(), command.generation());
        SigningKeys keys = keys(draft, command.key());
        if (command.generation() != keys.oldest() || keys.oldest() == keys.used()) {
            return outdated(subject, keys);
        }
        if (command.key() == SigningKey.AUTHORITY) {
            replaceAuthority(draft, keys.used());
        } else {
            draft.publicKeys = draft.publicKeys.minus(nameOf(command.key(), keys.oldest()));
        }
        // Tokens name the authority, too: what was made before another was used leads to the one that goes.
        int revoked = command.key() == SigningKey.CONFIG ? 0 : TokenRules.revokeMadeUpTo(draft, keys.since());
        String what = "retired" + (revoked == 0 ? "" : ", with " + revoked + " tokens that rely on it");
        return changed(draft, command.key(), keys.withOldRetired(draft.time), subject, what);
    }

    /** The cluster's authority is the one that is left. */
    private static void replaceAuthority(Draft draft, int generation) {
        String name = nameOf(SigningKey.AUTHORITY, generation);
        draft.cluster = Objects.requireNonNull(draft.cluster).withCaCertificate(published(draft, name));
        draft.publicKeys = draft.publicKeys.minus(name).minus(crossOf(generation));
    }

    /** What a step before this one has put there. */
    private static Bytes published(Draft draft, String name) {
        return Objects.requireNonNull(draft.publicKeys.get(name), name);
    }

    private static boolean isUndisturbed(Draft draft, SigningKey key) {
        return switch (key) {
            case TOKEN -> true;
            case CONFIG -> keys(draft, SigningKey.AUTHORITY).isAtRest();
            case AUTHORITY -> keys(draft, SigningKey.CONFIG).isAtRest();
        };
    }

    private static Verdict changed(Draft draft, SigningKey key, SigningKeys keys, String subject, String what) {
        draft.signing = draft.signing.plus(key, keys);
        draft.events.add(new Event.SigningKeyChanged(key, keys));
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
