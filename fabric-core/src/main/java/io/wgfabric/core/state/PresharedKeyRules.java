package io.wgfabric.core.state;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command.SetPresharedKeys;
import io.wgfabric.api.Event;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.Plane;
import io.wgfabric.api.PresharedKeys;
import io.wgfabric.api.Rejection.Reason;
import java.util.TreeSet;

/**
 * The secrets that pre-shared keys are derived from, by generation ({@link PresharedKeys}). One is kept as long as it is
 * in force or any key carries it.
 */
public final class PresharedKeyRules {
    private static final String PREFIX = "preshared-key-";

    /** The largest sealed secret, in bytes. */
    private static final int MAX_BYTES = 8192;

    private PresharedKeyRules() {}

    /** Under which name the state has the secret of a generation. */
    public static String nameOf(int generation) {
        return PREFIX + generation;
    }

    static Verdict set(Draft draft, SetPresharedKeys command) {
        String subject = "pre-shared keys";
        Cluster cluster = draft.cluster;
        if (cluster == null) {
            throw new IllegalStateException("permissions ask for a cluster first");
        }
        PresharedKeys now = cluster.presharedKeys();
        Bytes secret = command.secret();
        boolean on = secret != null;
        if (on == now.on()) {
            draft.events.add(new Event.PresharedKeysSet(now));
            return Verdict.accepted(subject, (on ? "on" : "off") + " already");
        }
        int wanted = on ? now.generation() + 1 : now.generation();
        if (command.generation() != wanted) {
            return Verdict.refused(
                    subject,
                    Reason.SEALING_OUTDATED,
                    "the pre-shared keys are of generation " + now.generation() + " by now; ask again");
        }
        if (secret != null) {
            if (command.sealing() != draft.sealing.generation()) {
                return Verdict.refused(
                        subject, Reason.SEALING_OUTDATED, "the sealing key was rotated in the meantime; ask again");
            }
            if (secret.length() == 0 || secret.length() > MAX_BYTES) {
                return Verdict.refused(subject, Reason.INVALID, "a secret has 1 to " + MAX_BYTES + " bytes");
            }
            draft.secrets = draft.secrets.plus(nameOf(wanted), secret);
        }
        PresharedKeys keys = new PresharedKeys(wanted, on);
        draft.cluster = cluster.withPresharedKeys(keys);
        dropUnused(draft);
        draft.events.add(new Event.PresharedKeysSet(keys));
        return Verdict.accepted(subject, on ? "on, generation " + wanted : "off");
    }

    /** The keys of a node that joins now, whatever it says of their generation. */
    static NodeKeys published(Draft draft, NodeKeys keys) {
        return keys.of(inForce(draft));
    }

    /** What a key gets that is published now. */
    static int inForce(Draft draft) {
        return draft.cluster == null ? 0 : draft.cluster.presharedKeys().inForce();
    }

    /** Forgets the secrets that no key needs any more; called after whatever may have ended the need. */
    static void dropUnused(Draft draft) {
        TreeSet<String> unused = new TreeSet<>();
        for (String name : draft.secrets.tailMap(PREFIX).keySet()) {
            if (!name.startsWith(PREFIX)) {
                break;
            }
            unused.add(name);
        }
        unused.remove(nameOf(inForce(draft)));
        if (unused.isEmpty()) {
            return;
        }
        for (Node node : draft.nodes.values()) {
            for (Plane plane : Plane.values()) {
                unused.remove(nameOf(node.keys().generation(plane)));
            }
        }
        for (String name : unused) {
            draft.secrets = draft.secrets.minus(name);
        }
    }
}
