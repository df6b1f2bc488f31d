package io.wgfabric.javalin.server;

import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.state.Levels;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * What a manager gets from the outside world.
 *
 * @param mesh used only if the settings want a tunnel
 * @param progress hears, in one line, what a long start is waiting for
 * @param level the highest cluster level that this software knows
 * @param passphrase of the file with the sealing key
 * @param certificateLife how long the certificates that this manager issues to nodes are valid
 */
public record Environment(
        Replication replication,
        Mesh mesh,
        InstantSource clock,
        Consumer<String> progress,
        int level,
        Passphrase passphrase,
        Duration certificateLife) {

    public Environment(Replication replication, Mesh mesh, InstantSource clock, Consumer<String> progress) {
        this(replication, mesh, clock, progress, Levels.NEWEST, Passphrase.NONE, CertificateAuthority.NODE_LIFE);
    }

    /** As older software would run. */
    Environment withLevel(int other) {
        return new Environment(replication, mesh, clock, progress, other, passphrase, certificateLife);
    }

    /** With a passphrase. */
    public Environment withPassphrase(Passphrase other) {
        return new Environment(replication, mesh, clock, progress, level, other, certificateLife);
    }

    /** With another life of certificates. */
    Environment withCertificateLife(Duration other) {
        return new Environment(replication, mesh, clock, progress, level, passphrase, other);
    }
}
