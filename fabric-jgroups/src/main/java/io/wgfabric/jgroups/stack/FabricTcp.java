package io.wgfabric.jgroups.stack;

import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.PerDestinationBundler;
import org.jgroups.protocols.TCP;

/**
 * JGroups' TCP with a sending thread for each member. Usually one thread sends to all: while it waits for a connection to
 * a member that cannot be reached, which it tries again with every message, nobody hears the leader's heartbeats, and no
 * election succeeds.
 */
final class FabricTcp extends TCP {
    FabricTcp() {
        setId(ClassConfigurator.getProtocolId(TCP.class));
        PerDestinationBundler senders = new PerDestinationBundler();
        senders.useSingleSenderThread(false);
        bundler = senders;
    }
}
