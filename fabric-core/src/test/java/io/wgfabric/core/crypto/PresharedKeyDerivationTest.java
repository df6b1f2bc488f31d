package io.wgfabric.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.PublicKey;
import io.wgfabric.core.crypto.PresharedKeyDerivation.End;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PresharedKeyDerivationTest {
    private static final ClusterId CLUSTER = ClusterId.of(3);

    private static byte[] secret() {
        byte[] secret = new byte[PresharedKeyDerivation.BYTES];
        for (int i = 0; i < secret.length; i++) {
            secret[i] = (byte) i;
        }
        return secret;
    }

    private static End end(long node, int key) {
        byte[] bytes = new byte[PublicKey.BYTES];
        Arrays.fill(bytes, (byte) key);
        return new End(NodeId.of(node), PublicKey.of(bytes));
    }

    private static String derived(byte[] secret, ClusterId cluster, End one, End other) {
        return HexFormat.of().formatHex(PresharedKeyDerivation.derive(secret, cluster, one, other));
    }

    /** Computed by another program, from RFC 5869 and the text that the class describes. */
    @Test
    void isWhatOthersDerive_whicheverEndAsks() {
        String golden = "41b0d684aa6210de6b7b4ed3eb56f2730d1fc68b45bae346fed26e158346b180";
        assertEquals(golden, derived(secret(), CLUSTER, end(1, 2), end(2, 1)));
        assertEquals(golden, derived(secret(), CLUSTER, end(2, 1), end(1, 2)));
    }

    @Test
    void isAnotherOneIfAnythingDiffers() {
        byte[] another = secret();
        another[31] ^= 1;
        Set<String> all = new TreeSet<>(Set.of(
                derived(secret(), CLUSTER, end(1, 2), end(2, 1)),
                derived(another, CLUSTER, end(1, 2), end(2, 1)),
                derived(secret(), ClusterId.of(4), end(1, 2), end(2, 1)),
                derived(secret(), CLUSTER, end(1, 3), end(2, 1)),
                derived(secret(), CLUSTER, end(1, 2), end(2, 3)),
                derived(secret(), CLUSTER, end(3, 2), end(2, 1)),
                derived(secret(), CLUSTER, end(1, 1), end(2, 2))));
        assertEquals(7, all.size());
    }
}
