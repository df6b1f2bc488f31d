package io.wgfabric.scale.agents;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.Address;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.JoinToken;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.PinTrust;
import io.wgfabric.core.crypto.ShownCertificate;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;

/**
 * What a node has once it was admitted. The request is an agent's: a connection to a manager that proves the token's pin,
 * new keys, a certification request; what is left out is the node's folder, so that no disk is measured.
 *
 * @param tls shows the node's certificate, and believes managers of its cluster
 * @param told of the configuration that the answer brought
 */
record Membership(Node node, SSLContext tls, NetmapVerifier verifier, SignedNetmap netmap, Told told) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final InstantSource CLOCK = InstantSource.system();

    /**
     * Blocks until a manager has admitted the node.
     *
     * @param managers in the order of asking
     * @throws io.wgfabric.agent.ControlException if it is refused, or none answers
     */
    static Membership join(String name, String tokenText, List<String> managers, NodeEndpoints endpoints) {
        JoinToken token = JoinToken.peek(tokenText);
        PinTrust pin = new PinTrust(token.cluster(), token.pin(), CLOCK);
        ControlClient client = new ControlClient(Tls.context(pin), managers, null);
        KeyPair keys = Keys.generateP256();
        RequestId request = new RequestId(UUID.randomUUID().toString());
        JoinAnswer answer = client.call(
                "POST",
                "/v1/join",
                new JoinRequest(
                        request,
                        tokenText,
                        Role.PEER,
                        new NodeName(name),
                        new NodeKeys(publicKey(), publicKey()),
                        endpoints,
                        null,
                        Certificates.request(keys)),
                JoinAnswer.class,
                request.text());
        X509Certificate authority = pin.authority();
        SignedNetmap netmap = answer.signed();
        if (authority == null || netmap == null) {
            throw new CryptoException("a join was answered without a configuration");
        }
        Authorities authorities = Authorities.of(authority).follow(answer.authorities(), CLOCK.instant());
        FabricTrust trust =
                new FabricTrust(() -> authorities, token.cluster(), node -> node.role() == Role.MGMT, CLOCK);
        ShownCertificate shown =
                new ShownCertificate(keys.getPrivate(), Certificates.decode(answer.certificate()), authorities);
        return new Membership(
                answer.node(),
                Tls.context(shown, trust),
                new NetmapVerifier(token.cluster(), () -> authorities, CLOCK),
                netmap,
                Told.of(netmap));
    }

    private static io.wgfabric.api.PublicKey publicKey() {
        return PrivateKey.generate(RANDOM).publicKey();
    }

    /** Where the node of that number would be reached: an address of those that are for benchmarks (RFC 2544). */
    static NodeEndpoints endpoints(int number, int port) {
        Address address =
                Address.parse("198." + (18 + number / 65_536) + "." + number / 256 % 256 + "." + number % 256);
        return new NodeEndpoints(List.of(address), port, port + 1);
    }
}
