package io.wgfabric.core.wire;

import io.wgfabric.api.Bytes;
import java.util.Objects;

/**
 * {@code POST /v1/nodes/ID/certificate}: a node asks for the certificate that follows the one it shows.
 *
 * @param certificateRequest PKCS #10 in DER, for the key of the certificate that is shown
 */
public record CertificateRequest(Bytes certificateRequest) {
    public CertificateRequest {
        Objects.requireNonNull(certificateRequest);
    }
}
