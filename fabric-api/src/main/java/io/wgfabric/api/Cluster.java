package io.wgfabric.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is true of the cluster as a whole.
 *
 * @param epoch grows when the cluster is recovered or restored, so that nodes refuse what the dead one still says
 * @param level which commands all managers understand; only grows, see {@link Command.RaiseLevel}
 * @param caCertificate the certificate authority's certificate, DER; while another one follows it, the older one's
 * @param mesh null, as first written, for {@link MeshPolicy#FIRST}
 * @param preshared null, as first written, for {@link PresharedKeys#NEVER}
 */
public record Cluster(
        ClusterId id,
        long epoch,
        int level,
        List<Prefix> pools,
        Bytes caCertificate,
        Instant created,
        @Nullable MeshPolicy mesh,
        @Nullable PresharedKeys preshared) {

    /** Of a cluster whose administrators have said nothing of the mesh. */
    public Cluster(ClusterId id, long epoch, int level, List<Prefix> pools, Bytes caCertificate, Instant created) {
        this(id, epoch, level, pools, caCertificate, created, null, null);
    }

    public MeshPolicy meshPolicy() {
        return mesh == null ? MeshPolicy.FIRST : mesh;
    }

    public Cluster withMesh(MeshPolicy policy) {
        return new Cluster(id, epoch, level, pools, caCertificate, created, policy, preshared);
    }

    public PresharedKeys presharedKeys() {
        return preshared == null ? PresharedKeys.NEVER : preshared;
    }

    public Cluster withPresharedKeys(PresharedKeys keys) {
        return new Cluster(id, epoch, level, pools, caCertificate, created, mesh, keys);
    }

    public Cluster withLevel(int newLevel) {
        return new Cluster(id, epoch, newLevel, pools, caCertificate, created, mesh, preshared);
    }

    public Cluster withPools(List<Prefix> newPools) {
        return new Cluster(id, epoch, level, newPools, caCertificate, created, mesh, preshared);
    }

    public Cluster withCaCertificate(Bytes newCertificate) {
        return new Cluster(id, epoch, level, pools, newCertificate, created, mesh, preshared);
    }

    public Cluster withEpoch(long newEpoch) {
        return new Cluster(id, newEpoch, level, pools, caCertificate, created, mesh, preshared);
    }
}
