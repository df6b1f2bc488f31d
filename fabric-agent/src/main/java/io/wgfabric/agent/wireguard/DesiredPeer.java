package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Another node as this one shall reach it.
 *
 * <p>Exactly one node of a pair is its initiator. Only there the endpoints and the keepalive are configured; the other
 * one learns the endpoint from the handshake and so cannot begin one. Two nodes that begin at the same moment overwrite
 * each other's handshake and exchange nothing for 5 s or more.
 *
 * @param nodeId the stable id of the other node
 * @param allowedIps its overlay addresses, a /32 and a /128, the same on both planes
 * @param mainKey its public key on plane 0
 * @param spareKey its public key on plane 1, or null as long as it has none
 * @param plane where the pair shall be: 0 or 1
 * @param initiator whether this node begins the handshakes of the pair
 * @param mainEndpoint where the initiator reaches plane 0 of the other node, or null if unknown
 * @param spareEndpoint where the initiator reaches plane 1 of the other node, or null if unknown
 * @param keepaliveSeconds 1 to 65535, or 0 for none; with none the pair stays silent until the initiator sends
 * @param mainPreshared of the pair on plane 0, or {@link PresharedKey#NONE}; null as long as it is not known: then the
 *     pair is not configured there rather than without it; an entry that has one stays
 * @param sparePreshared the same on plane 1
 */
public record DesiredPeer(
        String nodeId,
        Set<Prefix> allowedIps,
        PublicKey mainKey,
        @Nullable PublicKey spareKey,
        int plane,
        boolean initiator,
        @Nullable Endpoint mainEndpoint,
        @Nullable Endpoint spareEndpoint,
        int keepaliveSeconds,
        @Nullable PresharedKey mainPreshared,
        @Nullable PresharedKey sparePreshared) {

    public DesiredPeer {
        allowedIps = Collections.unmodifiableSet(new TreeSet<>(allowedIps));
        if (plane != ActualNetwork.MAIN && plane != ActualNetwork.SPARE) {
            throw new IllegalArgumentException("a node has the planes 0 and 1, not " + plane);
        }
        if (plane == ActualNetwork.SPARE && spareKey == null) {
            throw new IllegalArgumentException("node " + nodeId + " has no key for plane 1");
        }
        if (keepaliveSeconds < 0 || keepaliveSeconds > 65_535) {
            throw new IllegalArgumentException("a keepalive is 0 to 65535 seconds, not " + keepaliveSeconds);
        }
    }

    /** Without pre-shared keys. */
    public DesiredPeer(
            String nodeId,
            Set<Prefix> allowedIps,
            PublicKey mainKey,
            @Nullable PublicKey spareKey,
            int plane,
            boolean initiator,
            @Nullable Endpoint mainEndpoint,
            @Nullable Endpoint spareEndpoint,
            int keepaliveSeconds) {
        this(
                nodeId,
                allowedIps,
                mainKey,
                spareKey,
                plane,
                initiator,
                mainEndpoint,
                spareEndpoint,
                keepaliveSeconds,
                PresharedKey.NONE,
                PresharedKey.NONE);
    }

    DesiredPeer withKeepalive(int seconds) {
        return new DesiredPeer(
                nodeId,
                allowedIps,
                mainKey,
                spareKey,
                plane,
                initiator,
                mainEndpoint,
                spareEndpoint,
                seconds,
                mainPreshared,
                sparePreshared);
    }

    @Nullable PresharedKey preshared(int onPlane) {
        return onPlane == ActualNetwork.MAIN ? mainPreshared : sparePreshared;
    }

    @Nullable PublicKey key(int onPlane) {
        return onPlane == ActualNetwork.MAIN ? mainKey : spareKey;
    }

    @Nullable Endpoint endpoint(int onPlane) {
        return onPlane == ActualNetwork.MAIN ? mainEndpoint : spareEndpoint;
    }
}
