package io.wgfabric.core.crypto;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.PublicKey;
import java.nio.charset.StandardCharsets;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * A pair's pre-shared key (WireGuard, section 5.2) from a secret of the cluster: HKDF with SHA-256 (RFC 5869), without
 * salt. Its info is this text, in ASCII, the end with the lower id first:
 *
 * <pre>
 * wgfabric pre-shared key 1
 * CLUSTER
 * NODE PUBLIC-KEY
 * NODE PUBLIC-KEY
 * </pre>
 *
 * <p>The public keys make another one with each rotation of either end. The ids make what a node is given good for its own
 * pairs alone, whatever keys it names when it asks.
 */
public final class PresharedKeyDerivation {
    /** The length of the cluster's secret and of a pre-shared key, in bytes. */
    public static final int BYTES = 32;

    /** A node with its public key on one plane. */
    public record End(NodeId node, PublicKey key) {}

    private PresharedKeyDerivation() {}

    /**
     * The same whichever end is named first. The caller wipes it.
     *
     * @param secret of the cluster
     */
    public static byte[] derive(byte[] secret, ClusterId cluster, End one, End other) {
        boolean inOrder = one.node().compareTo(other.node()) < 0;
        End first = inOrder ? one : other;
        End second = inOrder ? other : one;
        String info = "wgfabric pre-shared key 1\n" + cluster + '\n' + line(first) + line(second);
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
        hkdf.init(new HKDFParameters(secret, null, info.getBytes(StandardCharsets.US_ASCII)));
        byte[] key = new byte[BYTES];
        hkdf.generateBytes(key, 0, BYTES);
        return key;
    }

    private static String line(End end) {
        return end.node().text() + ' ' + end.key() + '\n';
    }
}
