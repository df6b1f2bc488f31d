package io.wgfabric.javalin.server;

import io.wgfabric.api.ClusterId;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.FabricTrust;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which node a chain speaks for under the authorities that are believed now, whatever the time: a connection outlives its
 * certificate, but not the authority of it. Whether that node may speak is for {@link ManagerTrust}. Remembers its
 * answers, since it is asked all the time. Thread-safe.
 */
final class Speakers implements Function<X509Certificate[], Optional<String>> {
    private static final int MAX_REMEMBERED = 100;

    private final FabricTrust trust;
    private final Map<X509Certificate, String> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<X509Certificate, String> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };
    private @Nullable Authorities under;

    Speakers(ClusterId cluster, Supplier<Authorities> authorities) {
        trust = new FabricTrust(authorities, cluster, any -> true, InstantSource.system());
    }

    @Override
    public synchronized Optional<String> apply(X509Certificate[] chain) {
        Authorities now = trust.authorities();
        if (!now.equals(under)) {
            remembered.clear();
            under = now;
        }
        if (chain.length == 0) {
            return Optional.empty();
        }
        Optional<String> known = Optional.ofNullable(remembered.get(chain[0]));
        Optional<String> speaker = known.isPresent() ? known : speaker(chain);
        // A refusal is not remembered: the rest of the chain, or the time, may be others when it is shown again.
        speaker.ifPresent(node -> remembered.put(chain[0], node));
        return speaker;
    }

    private Optional<String> speaker(X509Certificate[] chain) {
        try {
            return Optional.of(trust.genuine(chain).node().text());
        } catch (CertificateException e) {
            return Optional.empty();
        }
    }
}
