package io.wgfabric.javalin.cli;

import io.wgfabric.api.NodeName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;

/** This machine's name as a node's name. */
final class HostName {
    private HostName() {}

    /** The first label of the host's name, in lower case, without what a node's name must not have. */
    static String asNodeName(String otherwise) {
        try {
            String label = InetAddress.getLocalHost().getHostName().split("\\.", -1)[0];
            return new NodeName(label.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-")).text();
        } catch (UnknownHostException | IllegalArgumentException e) {
            return otherwise;
        }
    }
}
