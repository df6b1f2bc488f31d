package io.wgfabric.scale.bench;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a member's process is told.
 *
 * @param peers where each member is, in the order of {@link #id}
 * @param number which of them this one is
 * @param front where clients reach it
 * @param keys the folder of the certificate authority
 * @param electionMillis see {@link io.wgfabric.jgroups.JGroupsLog.Builder#timing}; 0 for the standard setting
 */
record MemberPlan(
        List<InetSocketAddress> peers,
        int number,
        InetSocketAddress front,
        Path data,
        Path keys,
        int electionMillis,
        int heartbeatMillis) {

    static String id(int number) {
        return String.valueOf((char) ('a' + number));
    }

    String id() {
        return id(number);
    }

    InetSocketAddress bind() {
        return peers.get(number);
    }

    List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of(
                Integer.toString(number),
                text(front),
                data.toString(),
                keys.toString(),
                Integer.toString(electionMillis),
                Integer.toString(heartbeatMillis)));
        peers.forEach(peer -> arguments.add(text(peer)));
        return arguments;
    }

    static MemberPlan parse(String[] arguments) {
        List<InetSocketAddress> peers = new ArrayList<>();
        for (int i = 6; i < arguments.length; i++) {
            peers.add(address(arguments[i]));
        }
        return new MemberPlan(
                List.copyOf(peers),
                Integer.parseInt(arguments[0]),
                address(arguments[1]),
                Path.of(arguments[2]),
                Path.of(arguments[3]),
                Integer.parseInt(arguments[4]),
                Integer.parseInt(arguments[5]));
    }

    static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }
}
