package io.wgfabric.core.wire;

import io.wgfabric.api.Bytes;
import io.wgfabric.core.crypto.AuthorityCertificate;
import java.util.List;

/**
 * A node's next certificate.
 *
 * @param certificate DER
 * @param authorities of the cluster, the one that issues first: a node may not have heard of another one yet
 */
public record CertificateAnswer(Bytes certificate, List<AuthorityCertificate> authorities) {}
