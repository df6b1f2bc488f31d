package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A tunnel through the kernel's WireGuard, configured by {@code wg} of wireguard-tools 1.0 or newer. */
public final class KernelTunnel extends LinkTunnel {
    private static final String STDIN = "/dev/stdin";
    private static final Path VERSION = Path.of("/sys/module/wireguard/version");

    private final Commands commands;
    private final Links links;

    KernelTunnel(InterfaceNames names, Set<PublicKey> ownKeys, Commands commands, Links links) {
        super(names, commands, links, ownKeys);
        this.commands = commands;
        this.links = links;
    }

    @Override
    DeviceState device(String name) {
        Commands.Output output = commands.run("wg", "show", name, "dump");
        Links.require(output, "interface " + name + " is no WireGuard interface");
        return WgText.parse(output.bytes());
    }

    @Override
    void create(String name) {
        Links.require(links.addWireGuard(name), "cannot make interface " + name);
    }

    @Override
    void delete(String name) {
        links.delete(name);
    }

    @Override
    void forget(String name) {
        // The kernel leaves nothing behind.
    }

    @Override
    void awaitUp(String name) {
        // The kernel has noticed when the command returns.
    }

    @Override
    boolean bind(String name, int port) {
        Commands.Output output = commands.run("wg", "set", name, "listen-port", Integer.toString(port));
        if (!output.ok() && output.error().contains("Address already in use")) {
            return false;
        }
        Links.require(output, "interface " + name + " cannot listen on UDP port " + port);
        return true;
    }

    @Override
    void reset(String name, Change.SetPrivateKey change) {
        byte[] config = WgText.reset(change);
        try {
            Links.require(commands.run(List.of("wg", "setconf", name, STDIN), config), "cannot set the key of " + name);
        } finally {
            Arrays.fill(config, (byte) 0);
        }
    }

    /** New peers go through a file format that adds, the rest through arguments, which hold nothing secret. */
    @Override
    void changePeers(String name, List<Change.PeerChange> changes) {
        PeerBatch batch = new PeerBatch(name);
        changes.forEach(change -> change.accept(batch));
        batch.flush();
    }

    @Override
    public String backend() {
        try {
            return "kernel " + Files.readString(VERSION).strip();
        } catch (IOException e) {
            return "kernel";
        }
    }

    private final class PeerBatch implements Change.PeerVisitor {
        private final String name;
        private final SecretBytes added = WgText.config();
        private final List<String> changed = new ArrayList<>();

        PeerBatch(String name) {
            this.name = name;
        }

        /** Only one of the two is pending, so that the order is kept. */
        void flush() {
            if (!added.isEmpty()) {
                run(List.of("wg", "addconf", name, STDIN), added.whole(), "cannot add peers to " + name);
            }
            if (!changed.isEmpty()) {
                changed.addAll(0, List.of("wg", "set", name));
                Links.require(commands.run(changed, new byte[0]), "cannot change peers of " + name);
                changed.clear();
            }
        }

        private void run(List<String> command, byte[] input, String failed) {
            try {
                Links.require(commands.run(command, input), failed);
            } finally {
                Arrays.fill(input, (byte) 0);
            }
        }

        private void change(PublicKey key, String... words) {
            if (!added.isEmpty()) {
                flush();
            }
            changed.add("peer");
            changed.add(key.toString());
            changed.addAll(Arrays.asList(words));
        }

        @Override
        public void addPeer(Change.AddPeer change) {
            if (!changed.isEmpty()) {
                flush();
            }
            WgText.appendPeer(added, change.peer());
        }

        /** The tool has no way to add a prefix to an existing peer that all its versions know; it sets them all. */
        @Override
        public void addAllowedIps(Change.AddAllowedIps change) {
            change(change.key(), "allowed-ips", join(change.all()));
        }

        @Override
        public void replaceAllowedIps(Change.ReplaceAllowedIps change) {
            change(change.key(), "allowed-ips", join(change.all()));
        }

        @Override
        public void setEndpoint(Change.SetEndpoint change) {
            change(change.key(), "endpoint", change.endpoint().toString());
        }

        @Override
        public void setKeepalive(Change.SetKeepalive change) {
            change(change.key(), "persistent-keepalive", Integer.toString(change.seconds()));
        }

        /** One command takes one key, on its standard input; a file of configuration would replace the prefixes. */
        @Override
        public void setPresharedKey(Change.SetPresharedKey change) {
            flush();
            run(
                    List.of("wg", "set", name, "peer", change.key().toString(), "preshared-key", STDIN),
                    change.presharedKey().secretBase64(),
                    "cannot change a pre-shared key of " + name);
        }

        @Override
        public void removePeer(Change.RemovePeer change) {
            change(change.key(), "remove");
        }

        private String join(Set<Prefix> prefixes) {
            return WgText.join(prefixes);
        }
    }
}
