package io.wgfabric.agent.paths;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.Plane;
import io.wgfabric.core.netmap.Netmap.Member;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a node may be reached (RFC 8445 section 5.1.1).
 *
 * @param spare of its spare plane; null where no NAT has told
 */
public record Candidate(Endpoint main, @Nullable Endpoint spare) {
    /** With more, the last ones would be tried too late to matter. */
    private static final int MAX = 4;

    /** The first byte of 2000::/3, all that is handed out of global unicast addresses (RFC 4291 section 2.4). */
    private static final int GLOBAL_FIRST = 0x20;

    private static final int GLOBAL_MASK = 0xe0;

    private static Candidate host(Member other, Address address) {
        return new Candidate(
                new Endpoint(address, other.endpoints().portOn(Plane.MAIN)),
                new Endpoint(address, other.endpoints().portOn(Plane.SPARE)));
    }

    /** Whether nobody outside can begin to talk to it, as far as is known. */
    static boolean isBehindNat(Member member) {
        return member.endpoints().reflexive() != null
                || member.endpoints().addresses().isEmpty();
    }

    /** Whether both come out of one NAT: then they are likely neighbours. */
    static boolean shareNat(Member one, Member other) {
        NodeEndpoints.Reflexive mine = one.endpoints().reflexive();
        NodeEndpoints.Reflexive theirs = other.endpoints().reflexive();
        return mine != null
                && theirs != null
                && mine.endpoint().address().equals(theirs.endpoint().address());
    }

    /** Whether a handshake can get through: not if a new destination makes both NATs take a new port. */
    static boolean mayMeet(Member one, Member other) {
        NodeEndpoints.Reflexive mine = one.endpoints().reflexive();
        NodeEndpoints.Reflexive theirs = other.endpoints().reflexive();
        return mine == null || theirs == null || mine.independent() || theirs.independent();
    }

    /**
     * Where this node may reach the other one, in the order of RFC 8445's priorities: its own addresses before what a NAT
     * makes of them. Private addresses behind different NATs are left out: they are some other machine's here.
     */
    static List<Candidate> of(Member self, Member other) {
        List<Candidate> found = new ArrayList<>();
        boolean apart = isBehindNat(self) && isBehindNat(other) && !shareNat(self, other);
        for (Address address : other.endpoints().addresses()) {
            if (isUsable(self, address) && (!apart || (isGlobalV6(address) && hasGlobalV6(self)))) {
                found.add(host(other, address));
            }
        }
        NodeEndpoints.Reflexive reflexive = other.endpoints().reflexive();
        if (reflexive != null && mayMeet(self, other)) {
            found.add(new Candidate(reflexive.endpoint(), null));
        }
        return found.stream().limit(MAX).toList();
    }

    /** Whether this node has an address of the family; one that does not know its own is not held to that. */
    private static boolean isUsable(Member self, Address address) {
        List<Address> own = self.endpoints().addresses();
        return own.isEmpty() || own.stream().anyMatch(each -> each.isV4() == address.isV4());
    }

    private static boolean hasGlobalV6(Member member) {
        return member.endpoints().addresses().stream().anyMatch(Candidate::isGlobalV6);
    }

    private static boolean isGlobalV6(Address address) {
        return !address.isV4() && (address.toInetAddress().getAddress()[0] & GLOBAL_MASK) == GLOBAL_FIRST;
    }

    public @Nullable Endpoint on(Plane plane) {
        return plane == Plane.MAIN ? main : spare;
    }
}
