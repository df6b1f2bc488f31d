package io.wgfabric.api;

import java.time.Instant;
import java.util.List;

/**
 * What is true of the cluster as a whole.
 *
 * @param epoch grows when the cluster is recovered or restored, so that nodes refuse what the dead one still says
 * @param level which commands all managers understand; only grows, see {@link Command.RaiseLevel}
 * @param caCertificate the certificate authority's certificate, DER; while another one follows it, the older one's
 */
public record Cluster(ClusterId id, long epoch, int level, List<Prefix> pools, Bytes caCertificate, Instant created) {

    public Cluster withLevel(int newLevel) {
        return new Cluster(id, epoch, newLevel, pools, caCertificate, created);
    }

    public Cluster withPools(List<Prefix> newPools) {
        return new Cluster(id, epoch, level, newPools, caCertificate, created);
    }

    public Cluster withCaCertificate(Bytes newCertificate) {
        return new Cluster(id, epoch, level, pools, newCertificate, created);
    }

    public Cluster withEpoch(long newEpoch) {
        return new Cluster(id, newEpoch, level, pools, caCertificate, created);
    }
}
