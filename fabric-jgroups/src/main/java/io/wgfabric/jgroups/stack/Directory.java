package io.wgfabric.jgroups.stack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jgroups.Address;
import org.jgroups.PhysicalAddress;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCPPING;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.Responses;

/**
 * Discovery from a list that may change: the addresses are asked for, and their names resolved, each time. TCPPING takes
 * its own list once.
 */
public final class Directory extends TCPPING {
    private static final System.Logger LOG = System.getLogger(Directory.class.getName());
    /** More addresses than this are not asked. */
    private static final int MAX_ADDRESSES = 256;

    private final Supplier<List<InetSocketAddress>> members;

    Directory(Supplier<List<InetSocketAddress>> members) {
        this.members = members;
        this.initial_hosts_set_programmatically = true;
        setId(ClassConfigurator.getProtocolId(TCPPING.class));
    }

    @Override
    public void findMembers(List<Address> asked, boolean initial, Responses responses) {
        initial_hosts = resolve();
        super.findMembers(asked, initial, responses);
    }

    private List<PhysicalAddress> resolve() {
        List<PhysicalAddress> found = new ArrayList<>();
        List<InetSocketAddress> current;
        try {
            current = members.get();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the list of members could not be had", e);
            return found;
        }
        for (InetSocketAddress address : current) {
            if (found.size() == MAX_ADDRESSES) {
                break;
            }
            try {
                InetAddress host =
                        address.isUnresolved() ? InetAddress.getByName(address.getHostString()) : address.getAddress();
                found.add(new IpAddress(host, address.getPort()));
            } catch (UnknownHostException e) {
                LOG.log(System.Logger.Level.DEBUG, "no address for {0}", address.getHostString());
            }
        }
        return found;
    }
}
