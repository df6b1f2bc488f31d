package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.TunnelException;
import io.wgfabric.agent.wireguard.Tunnels;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.Admission;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.JoinToken;
import io.wgfabric.core.crypto.PinTrust;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.netmap.VerifiedNetmap;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a node joins: everything that could go wrong on this machine is tried before the token is used, and a node that
 * was refused leaves nothing behind. Interrupted, it is asked again under the same request id and takes no second use.
 */
public final class Join {
    private static final Logger LOGGER = System.getLogger(Join.class.getName());

    /**
     * What the operator asks for.
     *
     * @param interfaceName of the main plane; null for a manager that takes no part in the mesh
     * @param sparePort the UDP port of the spare plane
     * @param advertise the address at which others reach this node; null to find out
     * @param services where a joining manager is reached; null for a peer
     */
    public record Plan(
            String token,
            Role role,
            NodeName name,
            @Nullable String interfaceName,
            int mainPort,
            int sparePort,
            @Nullable String advertise,
            @Nullable ManagerServices services) {
        @Override
        public String toString() {
            return "Join.Plan[" + name + "]";
        }
    }

    private Join() {}

    /**
     * Joins and stores who the node is; the interface is not brought up yet.
     *
     * @throws ControlException if the cluster refuses, or cannot be asked
     * @throws IOException if the folder cannot be written, or a node has joined from it already
     * @throws TunnelException if this system cannot have a tunnel
     */
    public static JoinAnswer join(NodeStore store, Plan plan) throws IOException {
        return join(store, plan, HostNetworks.attached());
    }

    static JoinAnswer join(NodeStore store, Plan plan, List<HostNetworks.Attached> attached) throws IOException {
        if (store.hasJoined()) {
            throw new IOException("a node has joined from " + store.folder() + " already; "
                    + (plan.role() == Role.PEER
                            ? "run it with 'fabric peer run', or 'fabric peer leave' first"
                            : "remove it from the cluster with 'fabric node remove', and choose another --data"));
        }
        JoinToken token = peek(plan);
        if (plan.interfaceName() != null) {
            requireNoOverlap(token, attached, Tunnels.interfaceNames(plan.interfaceName()));
            Tunnels.open(plan.interfaceName(), Set.of());
            Ports.requireFreeWireGuard(plan.mainPort(), plan.sparePort());
        }
        RequestId recorded = null;
        try {
            RequestId request = store.beginJoin(sha256(plan.token()));
            recorded = Admission.recorded(request, store.joiningTlsKeys().getPublic());
            JoinAnswer answer = ask(store, plan, token, request);
            LOGGER.log(
                    Level.INFO,
                    "joined as {0} ({1}), request {2}",
                    plan.name(),
                    answer.node().id(),
                    recorded);
            return answer;
        } catch (ControlException e) {
            // Where no answer came the node may have been admitted: the same command then continues from the folder.
            if (e.isWithoutEffect()) {
                erase(store);
            }
            throw recorded == null ? e : e.of(recorded);
        } catch (IOException e) {
            if (!store.isJoining()) {
                erase(store);
            }
            throw e;
        }
    }

    /** That something stays is worth a line, and no reason to hide why the node did not join. */
    private static void erase(NodeStore store) {
        try {
            store.erase();
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "what the join left in {0} stays: {1}", store.folder(), e.getMessage());
        }
    }

    /** The pools may have grown since the token was made; then the agent says so when it runs. */
    private static void requireNoOverlap(JoinToken token, List<HostNetworks.Attached> attached, Set<String> own) {
        List<HostNetworks.Overlap> overlaps = HostNetworks.overlaps(token.pools(), attached, own);
        if (!overlaps.isEmpty()) {
            throw new ControlException(
                    409,
                    "pool-overlap",
                    overlaps.get(0).text() + ", and one would hide the other; the token is not used: take that network"
                            + " off this host, or choose another --pool for the cluster");
        }
    }

    private static JoinToken peek(Plan plan) {
        JoinToken token;
        try {
            token = JoinToken.peek(plan.token());
        } catch (CryptoException e) {
            throw new ControlException(400, "token-malformed", String.valueOf(e.getMessage()), e);
        }
        if (token.managers().isEmpty()) {
            throw new ControlException(
                    400, "token-malformed", "this token names no manager; it is for the application that made it");
        }
        if (token.role() != plan.role()) {
            String right = token.role() == Role.MGMT ? "fabric server join" : "fabric peer join";
            throw new ControlException(
                    403,
                    "token-wrong-role",
                    "this token admits a node of role " + token.role().text() + "; use it with '" + right + "'");
        }
        return token;
    }

    private static JoinAnswer ask(NodeStore store, Plan plan, JoinToken token, RequestId request) throws IOException {
        InstantSource clock = InstantSource.system();
        PinTrust trust = new PinTrust(token.cluster(), token.pin(), clock);
        ControlClient client = new ControlClient(Tls.context(trust), token.managers(), null);
        KeyPair tls = store.joiningTlsKeys();
        List<Address> addresses = Reach.addresses(plan.advertise(), token.managers());
        JoinAnswer answer = client.call(
                "POST",
                "/v1/join",
                new JoinRequest(
                        request,
                        plan.token(),
                        plan.role(),
                        plan.name(),
                        store.publicKeys(),
                        new NodeEndpoints(addresses, plan.mainPort(), plan.sparePort()),
                        plan.services(),
                        Certificates.request(tls)),
                JoinAnswer.class,
                request.text());
        Authorities authorities = check(token, trust, answer, clock);
        store.completeJoin(
                new NodeStore.Identity(
                        answer.cluster(),
                        answer.node().id(),
                        answer.node().name(),
                        plan.role(),
                        token.managers(),
                        plan.interfaceName(),
                        plan.mainPort(),
                        plan.sparePort(),
                        plan.advertise()),
                tls.getPrivate(),
                answer.certificate(),
                authorities,
                answer.signed());
        return answer;
    }

    /** Whom to believe. The server has proved the pin; what it sent is held against it all the same. */
    private static Authorities check(JoinToken token, PinTrust trust, JoinAnswer answer, InstantSource clock) {
        X509Certificate pinned = trust.authority();
        if (pinned == null || !answer.cluster().equals(token.cluster())) {
            throw new ControlException(403, "untrusted", "the manager's answer is not of the token's cluster");
        }
        SignedNetmap netmap = answer.signed();
        if (netmap == null && !answer.node().isPending()) {
            throw new ControlException(403, "untrusted", "the manager's answer has no configuration");
        }
        try {
            Authorities authorities = Authorities.of(pinned).follow(answer.authorities(), clock.instant());
            if (netmap != null) {
                VerifiedNetmap verified =
                        new NetmapVerifier(token.cluster(), () -> authorities, clock).verify(netmap, 1);
                if (!verified.netmap().isFor(answer.node().id())) {
                    throw new CryptoException("the manager's answer has another node's configuration");
                }
            }
            return authorities;
        } catch (CryptoException e) {
            throw new ControlException(403, "untrusted", String.valueOf(e.getMessage()), e);
        }
    }

    /** So that a second attempt with the same token is known as such without storing the token. */
    private static String sha256(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.UTF_8)).hex();
    }
}
