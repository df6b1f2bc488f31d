package io.wgfabric.agent;

import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.Renewal;
import io.wgfabric.core.wire.CertificateAnswer;
import io.wgfabric.core.wire.CertificateRequest;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a node's certificate young, with nobody at hand: a peer asks a manager for the next one, with the key that it
 * has from its join; a manager's process issues its own, which is taken over from the folder. Level-triggered: each look
 * compares what is stored with the time, with the authority that issues now, and with what the client shows. Thread-safe.
 */
public final class CertificateRenewal {
    private static final Duration MAX_PAUSE = Duration.ofMinutes(1);
    private static final Logger LOGGER = System.getLogger(CertificateRenewal.class.getName());

    private final NodeStore store;
    private final NodeStore.Identity identity;
    private final ControlClient client;
    private final InstantSource clock;
    private X509Certificate shown;
    private Authorities shownTo;
    private Instant nextTry = Instant.MIN;

    /** When the certificate shall be of the authority that issues now; null while it is. */
    private @Nullable Instant turnsAt;

    private boolean refused;

    /** @param client shows the certificate that the store has now */
    public CertificateRenewal(NodeStore store, ControlClient client, InstantSource clock) throws IOException {
        this.store = store;
        this.client = client;
        this.clock = clock;
        identity = store.identity();
        shown = store.certificate();
        shownTo = store.authorities();
    }

    /** A manager says that the certificate has expired, whatever the clock here says. */
    public synchronized void expired() {
        refused = true;
    }

    /**
     * Looks once. A failure to renew is logged and tried again later.
     *
     * @return whether the client shows another certificate from now on
     * @throws IOException if the node's folder cannot be read or written
     */
    public synchronized boolean look() throws IOException {
        X509Certificate stored = store.certificate();
        Instant now = clock.instant();
        boolean due = refused || !now.isBefore(Renewal.dueAt(stored)) || turns(stored, now);
        if (due && identity.role() == Role.PEER && !now.isBefore(nextTry)) {
            nextTry = now.plus(pause(stored));
            try {
                stored = renew(stored);
            } catch (ControlException | CryptoException e) {
                LOGGER.log(
                        Level.WARNING,
                        "the certificate, valid until {0}, is not renewed yet: {1}",
                        stored.getNotAfter().toInstant(),
                        e.getMessage());
            }
        }
        boolean news = !stored.equals(shown);
        Authorities believed = store.authorities();
        if (news || !believed.equals(shownTo)) {
            // A session with who was believed before must not be resumed.
            client.setTls(NodeClients.tls(store));
            shown = stored;
            shownTo = believed;
            refused = refused && !news;
        }
        return news;
    }

    /** The generation of the authority that issued what the client shows; 0 if it is not believed any more. */
    public synchronized int authority() {
        return shownTo.generationOf(shown);
    }

    /** Whether it is time to go over to the authority that issues now: not all nodes at once. */
    private boolean turns(X509Certificate stored, Instant now) throws IOException {
        Authorities believed = store.authorities();
        if (believed.generationOf(stored) == believed.generationOf(believed.used())) {
            turnsAt = null;
            return false;
        }
        Instant at = turnsAt == null ? Renewal.turnsAt(stored, now) : turnsAt;
        turnsAt = at;
        return !now.isBefore(at);
    }

    /** A hundredth of its life, so that there are some thirty tries before it expires. */
    private static Duration pause(X509Certificate certificate) {
        Duration hundredth = Duration.between(
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant())
                .dividedBy(100);
        return hundredth.compareTo(MAX_PAUSE) < 0 ? hundredth : MAX_PAUSE;
    }

    private X509Certificate renew(X509Certificate stored) throws IOException {
        KeyPair key = new KeyPair(stored.getPublicKey(), store.tlsKey());
        CertificateAnswer answer = client.call(
                "POST",
                "/v1/nodes/" + identity.node() + "/certificate",
                new CertificateRequest(Certificates.request(key)),
                CertificateAnswer.class);
        X509Certificate fresh = Certificates.decode(answer.certificate());
        Authorities offered = store.authorities().follow(answer.authorities(), clock.instant());
        requireOwn(fresh, stored, offered);
        store.believeIfLater(offered);
        store.saveCertificate(fresh);
        LOGGER.log(
                Level.INFO,
                "the certificate is renewed and valid until {0}",
                fresh.getNotAfter().toInstant());
        return fresh;
    }

    /** What replaces a certificate that works must work. */
    private void requireOwn(X509Certificate fresh, X509Certificate stored, Authorities authorities) {
        NodeIdentity own = new NodeIdentity(identity.cluster(), identity.role(), identity.node());
        try {
            var unused = new FabricTrust(() -> authorities, identity.cluster(), own::equals, clock).verify(fresh);
        } catch (CertificateException e) {
            throw new ControlException(403, "untrusted", "a manager gave a certificate that is of no use", e);
        }
        if (!fresh.getPublicKey().equals(stored.getPublicKey())) {
            throw new ControlException(403, "untrusted", "a manager gave a certificate for another key");
        }
    }
}
