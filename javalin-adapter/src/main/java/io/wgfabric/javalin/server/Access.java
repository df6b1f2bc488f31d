package io.wgfabric.javalin.server;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Tls;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;

/** How a command of this machine gets to the managers: with an operator's file, or as the manager that lives here. */
public final class Access {
    private Access() {}

    /** With an operator's file. */
    public static ControlClient operator(Path file) throws IOException {
        return operator(OperatorFile.read(file), List.of());
    }

    /**
     * With what a manager's data folder has: the operator's file if the cluster was founded there, else the manager's
     * own certificate.
     *
     * @throws IOException if it has neither, or they cannot be read; the message says what to do
     */
    public static ControlClient folder(Path data) throws IOException {
        Path file = DataFolder.operatorFile(data);
        try {
            List<String> managers = DataFolder.apis(data);
            if (Files.exists(file)) {
                return operator(OperatorFile.read(file), managers);
            }
            NodeStore node = new NodeStore(DataFolder.nodeFolder(data));
            if (node.hasJoined() && !managers.isEmpty()) {
                NodeStore.Identity identity = node.identity();
                return new ControlClient(
                        Credentials.of(node).tls(trust(node.authority(), identity.cluster())), managers, null);
            }
        } catch (AccessDeniedException e) {
            throw new IOException("no right to read " + data + "; run as its owner, or use --context", e);
        } catch (JacksonException e) {
            throw new IOException(data + " is damaged; restore it from a backup, or use --context", e);
        }
        boolean readable = !Files.exists(data) || Files.isExecutable(data);
        throw new IOException(
                readable
                        ? "no credential in " + data + "; name an operator's file with --context or FABRIC_CONTEXT"
                        : "no right to read " + data + "; run as its owner, or use --context");
    }

    private static ControlClient operator(OperatorFile operator, List<String> more) {
        Set<String> managers = new LinkedHashSet<>(operator.managers());
        managers.addAll(more);
        X509Certificate authority = Certificates.decode(operator.authority());
        return new ControlClient(
                Tls.context(trust(authority, operator.cluster())), List.copyOf(managers), operator.credential());
    }

    private static FabricTrust trust(X509Certificate authority, ClusterId cluster) {
        return new FabricTrust(authority, cluster, identity -> identity.role() == Role.MGMT, InstantSource.system());
    }
}
