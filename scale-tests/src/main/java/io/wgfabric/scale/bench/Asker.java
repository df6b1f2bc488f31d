package io.wgfabric.scale.bench;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.JoinToken;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.PinTrust;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client with one request at a time, which goes to the next member at once when one fails. */
interface Asker {
    /** Asks this member first from now on. */
    void prefer(int member);

    /** Asks once more, until it is acknowledged. */
    void ask() throws InterruptedException;

    /** Joins a new peer each time, as the agent does: keys, certification request, HTTP/2, the agent's own client. */
    final class Joining implements Asker {
        private final String text;
        private final JoinToken token;
        private final SecureRandom random = new SecureRandom();
        private ControlClient client;

        Joining(String text) {
            this.text = text;
            this.token = JoinToken.peek(text);
            this.client = client(token.managers());
        }

        private ControlClient client(List<String> managers) {
            PinTrust trust = new PinTrust(token.cluster(), token.pin(), InstantSource.system());
            return new ControlClient(Tls.context(trust), managers, null);
        }

        @Override
        public void prefer(int member) {
            List<String> order = new ArrayList<>(token.managers());
            Collections.rotate(order, -member);
            client = client(order);
        }

        @Override
        public void ask() {
            RequestId id = new RequestId(UUID.randomUUID().toString());
            JoinRequest request = new JoinRequest(
                    id,
                    text,
                    Role.PEER,
                    null,
                    new NodeKeys(
                            PrivateKey.generate(random).publicKey(),
                            PrivateKey.generate(random).publicKey()),
                    new NodeEndpoints(List.of(), 51820, 51821),
                    null,
                    Certificates.request(Keys.generateP256()));
            while (true) {
                try {
                    client.call("POST", "/v1/join", request, JoinAnswer.class, id.text());
                    return;
                } catch (ControlException e) {
                    if (e.isRefusal()) {
                        throw e;
                    }
                }
            }
        }
    }

    /** Puts a value each time. Etcd may lose what a follower forwarded to a leader that died, so a try has a limit. */
    final class Putting implements Asker {
        private static final long TRY_MILLIS = 250;

        private final List<EtcdStore> members = new ArrayList<>();
        private final byte[] value = new byte[128];
        private int current;

        Putting(List<String> addresses) {
            addresses.forEach(address -> members.add(new EtcdStore("http://" + address)));
        }

        @Override
        public void prefer(int member) {
            current = member;
        }

        @Override
        public void ask() throws InterruptedException {
            while (true) {
                try {
                    members.get(current).put(value).get(TRY_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                } catch (ExecutionException | TimeoutException e) {
                    current = (current + 1) % members.size();
                }
            }
        }
    }
}
