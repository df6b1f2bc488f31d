package io.wgfabric.javalin.cli;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** From where a new cluster gives its nodes addresses. */
final class PoolOptions {
    @Option(
            names = "--pool",
            paramLabel = "CIDR",
            defaultValue = "100.64.0.0/16",
            converter = PrefixParser.class,
            description = "IPv4 addresses of the nodes; 100.64.0.0/16 if left out.")
    private Prefix pool = Prefix.parse("100.64.0.0/16");

    @Option(
            names = "--pool6",
            paramLabel = "CIDR|auto|none",
            defaultValue = "auto",
            description = "IPv6 addresses of the nodes; a random unique local /64 if left out.")
    private String pool6 = "auto";

    /** Takes a prefix. */
    static final class PrefixParser implements ITypeConverter<Prefix> {
        @Override
        public Prefix convert(String text) {
            try {
                return Prefix.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    List<Prefix> pools() {
        List<Prefix> pools = new ArrayList<>();
        pools.add(pool);
        switch (pool6) {
            case "none" -> {}
            case "auto" -> pools.add(randomUniqueLocal());
            default -> pools.add(Prefix.parse(pool6));
        }
        return pools;
    }

    /**
     * A prefix that no other network is likely to have: fd, a global id of 40 random bits, subnet 0. RFC 4193 section
     * 3.2.2 derives the global id from time and machine by a hash where no good source of randomness is at hand; here
     * one is, which section 3.2.1 prefers.
     */
    private static Prefix randomUniqueLocal() {
        byte[] globalId = new byte[5];
        new SecureRandom().nextBytes(globalId);
        byte[] address = new byte[16];
        address[0] = (byte) 0xfd;
        System.arraycopy(globalId, 0, address, 1, globalId.length);
        return Prefix.of(Address.of(address), 64);
    }
}
