package io.wgfabric.javalin.doctor;

import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Tls;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Asks managers what time it is, also where the times are so far apart that nothing else can be asked. */
final class ManagerClock {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final HttpClient client;
    private final InstantSource clock;

    /** @param trust who is believed, whatever the time */
    ManagerClock(FabricTrust trust, InstantSource clock) {
        this.clock = clock;
        client = HttpClient.newBuilder()
                .sslContext(Tls.context(new AnyTime(trust)))
                .connectTimeout(LIMIT)
                .build();
    }

    /**
     * How far a manager's clock is ahead of this machine's, to about a second. Blocks for some seconds at most; nothing
     * secret is sent.
     *
     * @return nothing if it does not answer, is no manager of the cluster, or tells no time
     */
    Optional<Duration> ahead(String manager) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + manager + "/healthz"))
                .timeout(LIMIT)
                .build();
        Instant asked = clock.instant();
        try {
            HttpResponse<Void> response = client.send(request, BodyHandlers.discarding());
            Instant answered = clock.instant();
            return response.headers().firstValue("Date").map(text -> ahead(text, asked, answered));
        } catch (IOException | DateTimeException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** A date names the second that has begun, so half a second is added; and half of the time that the answer took. */
    static Duration ahead(String date, Instant asked, Instant answered) {
        Instant told =
                ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        Instant middle = asked.plus(Duration.between(asked, answered).dividedBy(2));
        return Duration.between(middle, told.plusMillis(500));
    }

    /** A manager of the cluster whose certificate is not valid now may be one whose clock, or ours, is wrong. */
    private static final class AnyTime extends X509ExtendedTrustManager {
        private final FabricTrust trust;

        AnyTime(FabricTrust trust) {
            this.trust = trust;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            var unused = trust.genuine(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return trust.getAcceptedIssuers();
        }
    }
}
