package io.wgfabric.agent;

import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.ShownCertificate;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;

/** Clients that show a node's own certificate. */
public final class NodeClients {
    private NodeClients() {}

    /** Asks the managers that the node knows, from its newest configuration or else from its join. */
    public static ControlClient of(NodeStore store) throws IOException {
        NodeStore.Identity identity = store.identity();
        ControlClient client = of(store, identity.managers());
        try {
            SignedNetmap stored = store.netmap().orElse(SignedNetmap.of(""));
            client.setManagers(new NetmapVerifier(identity.cluster(), store::believed, InstantSource.system())
                    .restore(stored)
                    .verified()
                    .netmap()
                    .managerApis());
        } catch (CryptoException e) {
            // The managers of the join may still be there.
            return client;
        }
        return client;
    }

    /** @param managers {@code HOST:PORT} of whom to ask */
    public static ControlClient of(NodeStore store, List<String> managers) throws IOException {
        return new ControlClient(tls(store), managers, null);
    }

    /** Shows the certificate that the node has now, and believes managers of its cluster. */
    static SSLContext tls(NodeStore store) throws IOException {
        return Tls.context(
                new ShownCertificate(store.tlsKey(), store.certificate(), store.authorities()), trust(store));
    }

    /** Believes the managers of the node's cluster. */
    public static FabricTrust trust(NodeStore store) throws IOException {
        return new FabricTrust(
                store::believed, store.identity().cluster(), node -> node.role() == Role.MGMT, InstantSource.system());
    }
}
