package io.wgfabric.javalin.server;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Tls;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;

/** How a command of this machine gets to the managers: with an operator's file, or as the manager that lives here. */
public final class Access {
    private static final Logger LOGGER = System.getLogger(Access.class.getName());

    /**
     * A way to the managers.
     *
     * @param trust what the client believes
     */
    public record Way(ControlClient client, FabricTrust trust) {}

    private Access() {}

    /**
     * With an operator's file. Where a manager shows that the file's authority has certified another one, the file has
     * that from then on: one that is used during a rotation outlives it.
     */
    public static ControlClient operator(Path file) throws IOException {
        return operatorWay(file).client();
    }

    /** The same, with what is believed. */
    public static Way operatorWay(Path file) throws IOException {
        OperatorFile operator = OperatorFile.read(file);
        return operator(
                operator,
                List.of(),
                trust(believed(operator), operator.cluster()).whenSucceeded(next -> follow(operator, next, file)));
    }

    private static Supplier<Authorities> believed(OperatorFile operator) {
        Authorities authorities = Authorities.of(Certificates.decode(operator.authority()));
        return () -> authorities;
    }

    /** What the command is for matters more than that the file can be written. */
    private static void follow(OperatorFile operator, X509Certificate next, Path file) {
        try {
            operator.withAuthority(Certificates.encode(next)).write(file);
        } catch (IOException e) {
            LOGGER.log(
                    Level.WARNING,
                    "the cluster has another authority and {0} cannot be written: get another operator''s file before the"
                            + " old authority is retired ({1})",
                    file,
                    e.getMessage());
        }
    }

    /**
     * With what a manager's data folder has: the operator's file if the cluster was founded there, else the manager's
     * own certificate.
     *
     * @throws IOException if it has neither, or they cannot be read; the message says what to do
     */
    public static ControlClient folder(Path data) throws IOException {
        return folderWay(data).client();
    }

    /** The same, with what is believed. */
    public static Way folderWay(Path data) throws IOException {
        Path file = DataFolder.operatorFile(data);
        try {
            List<String> managers = DataFolder.apis(data);
            NodeStore node = new NodeStore(DataFolder.nodeFolder(data));
            if (Files.exists(file)) {
                OperatorFile operator = OperatorFile.read(file);
                // The manager follows rotations whether or not somebody uses the file.
                Supplier<Authorities> authorities = node.hasJoined() ? node::believed : believed(operator);
                return operator(operator, managers, trust(authorities, operator.cluster()));
            }
            if (node.hasJoined() && !managers.isEmpty()) {
                NodeStore.Identity identity = node.identity();
                FabricTrust trust = trust(node::believed, identity.cluster());
                return new Way(new ControlClient(Credentials.of(node).tls(trust), managers, null), trust);
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

    private static Way operator(OperatorFile operator, List<String> more, FabricTrust trust) {
        Set<String> managers = new LinkedHashSet<>(operator.managers());
        managers.addAll(more);
        return new Way(new ControlClient(Tls.context(trust), List.copyOf(managers), operator.credential()), trust);
    }

    /** The folder in a manager's data folder where its own node is. */
    public static NodeStore node(Path data) {
        return new NodeStore(DataFolder.nodeFolder(data));
    }

    /** The files of a manager's data folder that open something; not all of them are always there. */
    public static List<Path> secretFiles(Path data, Settings settings) {
        List<Path> files = new ArrayList<>(node(data).secretFiles());
        files.add(DataFolder.operatorFile(data));
        files.add(DataFolder.sealingKey(data, settings));
        return List.copyOf(files);
    }

    /** Where the other managers replicate, {@code HOST:PORT}, as the one that lives in this folder knew last. */
    public static List<String> replicationOfOthers(Path data) throws IOException {
        return DataFolder.managers(data).replication();
    }

    private static FabricTrust trust(Supplier<Authorities> authorities, ClusterId cluster) {
        return new FabricTrust(authorities, cluster, identity -> identity.role() == Role.MGMT, InstantSource.system());
    }
}
