package io.wgfabric.javalin.rest;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.crypto.Certificates;
import java.util.List;
import java.util.Objects;

/**
 * A new operator, and what his file needs beside the credential that the asker has.
 *
 * @param access {@code viewer}, {@code operator} or {@code admin}
 * @param managers {@code HOST:PORT} of REST interfaces
 * @param authority the cluster's authority, DER
 */
public record OperatorCreated(
        OperatorId id, String name, String access, ClusterId cluster, List<String> managers, Bytes authority) {

    static OperatorCreated of(Operator operator, FabricView view, ClusterKeyring keyring) {
        return new OperatorCreated(
                operator.id(),
                operator.name(),
                operator.access().text(),
                keyring.cluster(),
                view.nodes().stream()
                        .filter(Node::isActive)
                        .map(Node::services)
                        .filter(Objects::nonNull)
                        .map(ManagerServices::api)
                        .toList(),
                Certificates.encode(keyring.authority().certificate()));
    }
}
