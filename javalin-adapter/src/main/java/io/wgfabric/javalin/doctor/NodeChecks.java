package io.wgfabric.javalin.doctor;

import static io.wgfabric.javalin.doctor.Finding.failed;
import static io.wgfabric.javalin.doctor.Finding.ok;
import static io.wgfabric.javalin.doctor.Finding.warning;

import io.wgfabric.core.crypto.Renewal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a node needs of the machine that it is on. Pure. */
final class NodeChecks {
    private static final String CERTIFICATE = "certificate";

    /** It is renewed at two thirds of its life; once so little is left, that has failed for long. */
    private static final int LATE_PART = 4;

    /** What WireGuard adds to a packet over IPv4: 20 bytes of IPv4, 8 of UDP, 32 of its own. */
    static final int OVERHEAD_4 = 60;

    static final int OVERHEAD_6 = 80;

    private NodeChecks() {}

    /** Who has a TCP port. */
    enum Holder {
        NOBODY,
        THIS_MANAGER,
        ANOTHER
    }

    /**
     * An interface of WireGuard and its port.
     *
     * @param bound whether anybody has the UDP port
     */
    record Wire(String interfaceName, boolean exists, int port, boolean bound) {}

    /**
     * What an interface of WireGuard is over.
     *
     * @param to a host that packets go to
     * @param link the interface by which they leave
     */
    record Under(String interfaceName, int mtu, String link, int linkMtu, String to, boolean v6) {
        /** The largest packet that WireGuard makes of one of the interface's. */
        int largest() {
            return mtu + overhead();
        }

        int overhead() {
            return v6 ? OVERHEAD_6 : OVERHEAD_4;
        }
    }

    /**
     * What came of sending large packets that nobody may cut.
     *
     * @param small whether small ones were answered; if not, nothing is known
     * @param told what a router said that it lets through; 0 if none said anything
     */
    record Sent(boolean small, boolean large, int told) {}

    /** @param start the command that starts what renews it */
    static Finding certificate(Instant from, Instant until, Instant now, String start) {
        if (now.isBefore(from)) {
            return failed(
                    CERTIFICATE, "it is valid only from " + from + " on", "set the clock of this machine, with NTP");
        }
        if (now.isAfter(until.plus(Renewal.GRACE))) {
            return failed(
                    CERTIFICATE,
                    "it expired at " + until + ", too long ago to be renewed",
                    "'fabric node remove' it, and join again with a new token");
        }
        if (now.isAfter(until)) {
            return failed(CERTIFICATE, "it expired at " + until, "start the node, and it renews: " + start);
        }
        Duration left = Duration.between(now, until);
        String found = "valid until " + until;
        boolean late = left.compareTo(Duration.between(from, until).dividedBy(LATE_PART)) < 0;
        return late
                ? warning(
                        CERTIFICATE,
                        found + ", and should have been renewed",
                        "start the node, or mend what its log says: " + start)
                : ok(CERTIFICATE, found);
    }

    /** A port of the manager that lives here. */
    static Finding listens(int port, String option, Holder holder) {
        return switch (holder) {
            case THIS_MANAGER -> ok("port", port + "/tcp is open");
            case NOBODY -> failed("port", "nobody listens at " + port + "/tcp", "start the manager: fabric server run");
            case ANOTHER ->
                failed(
                        "port",
                        port + "/tcp is taken, and this manager does not answer there",
                        "look who has it (ss -ltnp) and stop that, or: fabric server run " + option + " PORT");
        };
    }

    /** A port of another manager. */
    static Finding reaches(String where, boolean open) {
        return open
                ? ok("port", "replication reaches " + where)
                : failed("port", "replication does not reach " + where, "start that manager, or let the port through");
    }

    /** @param start the command that starts the agent */
    static Finding wire(Wire wire, String start) {
        String port = wire.port() + "/udp";
        if (wire.exists() && wire.bound()) {
            return ok("port", wire.interfaceName() + " has " + port);
        }
        if (wire.bound()) {
            return failed(
                    "port",
                    "another program has " + port + ", and " + wire.interfaceName() + " is not there",
                    "stop that program (ss -lunp), then: " + start);
        }
        return failed(
                "port",
                wire.exists()
                        ? "nobody has " + port + ", though " + wire.interfaceName() + " is there"
                        : wire.interfaceName() + " is not there, and nobody has " + port,
                "start the node: " + start);
    }

    /** A port that a node to come would have. */
    static Finding free(String port, String option, boolean taken) {
        return taken
                ? warning(
                        "port", port + " is taken by another program", "a node here needs " + option + " with another")
                : ok("port", port + " is free");
    }

    /** @param sent null if nothing was sent */
    static Finding mtu(Under under, @Nullable Sent sent) {
        String name = under.interfaceName();
        if (under.largest() > under.linkMtu()) {
            return failed(
                    "mtu",
                    name + " has " + under.mtu() + ", too much for " + under.linkMtu() + " of " + under.link(),
                    "ip link set dev " + name + " mtu " + (under.linkMtu() - OVERHEAD_6));
        }
        if (sent != null && sent.small() && !sent.large()) {
            String mend = sent.told() > 0
                    ? "ip link set dev " + under.link() + " mtu " + sent.told() + ", then start the node again"
                    : "lower the MTU of " + under.link() + ", then start the node again";
            return failed(
                    "mtu",
                    "packets of " + under.largest() + " bytes do not get to " + under.to() + ", smaller do",
                    mend);
        }
        String measured = sent == null || !sent.small() ? "" : ", and such packets get to " + under.to();
        return ok(
                "mtu",
                name + " has " + under.mtu() + ", which fits into " + under.linkMtu() + " of " + under.link()
                        + measured);
    }
}
