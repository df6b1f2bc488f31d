package io.wgfabric.core.wire;

import io.wgfabric.api.Bytes;

/**
 * A node's next certificate.
 *
 * @param certificate DER
 */
public record CertificateAnswer(Bytes certificate) {}
