package io.wgfabric.agent.nat;

import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Endpoint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The Binding method of STUN (RFC 8489; RFC 5389 has the same bytes): somebody asks from which address its datagrams
 * come. There are no credentials, since all that is told is what the asker may know. Pure; nothing here throws for what
 * a datagram has in it.
 */
public final class Stun {
    /** The longest message that is read: one that fits the smallest MTU of IPv4 (RFC 8489 section 6.1). */
    public static final int MAX_BYTES = 548;

    /** Of a transaction's id. */
    public static final int TRANSACTION_BYTES = 12;

    private static final int HEADER_BYTES = 20;
    private static final int COOKIE = 0x2112_a442;

    private static final int REQUEST = 0x0001;
    private static final int SUCCESS = 0x0101;
    private static final int ERROR = 0x0111;

    private static final int MESSAGE_INTEGRITY = 0x0008;
    private static final int ERROR_CODE = 0x0009;
    private static final int UNKNOWN_ATTRIBUTES = 0x000a;
    private static final int MESSAGE_INTEGRITY_SHA256 = 0x001c;
    private static final int XOR_MAPPED_ADDRESS = 0x0020;
    private static final int SOFTWARE = 0x8022;
    private static final int FINGERPRINT = 0x8028;

    /** MAPPED-ADDRESS, USERNAME, ERROR-CODE, UNKNOWN-ATTRIBUTES, REALM, NONCE, PASSWORD-ALGORITHM, USERHASH. */
    private static final Set<Integer> UNDERSTOOD =
            Set.of(0x0001, 0x0006, ERROR_CODE, UNKNOWN_ATTRIBUTES, 0x0014, 0x0015, 0x001d, 0x001e, XOR_MAPPED_ADDRESS);

    /** Attributes below it must be understood by whoever reads them (RFC 8489 section 14). */
    private static final int OPTIONAL_FROM = 0x8000;

    private static final int FINGERPRINT_MASK = 0x5354_554e;
    private static final int FINGERPRINT_BYTES = 8;
    private static final int HMAC_SHA1_BYTES = 20;
    private static final int HMAC_SHA256_BYTES = 32;
    private static final int IPV4 = 1;
    private static final int IPV6 = 2;
    private static final int UNKNOWN_ATTRIBUTE = 420;
    private static final int MAX_NAMED = 4;

    /** As long as makes a request no shorter than any answer to it, so that nobody is flooded by way of a server. */
    private static final byte[] OWN_SOFTWARE = "wgfabric STUN client".getBytes(StandardCharsets.US_ASCII);

    /**
     * What was read.
     *
     * @param unknown attributes that would have to be understood
     */
    private record Message(
            int type, Bytes transaction, @Nullable Endpoint mapped, boolean hasFingerprint, List<Integer> unknown) {}

    private Stun() {}

    /**
     * A Binding request.
     *
     * @param transaction 12 random bytes: whoever can guess them can answer in the server's place
     */
    public static byte[] request(Bytes transaction) {
        ByteBuffer message = begin(REQUEST, transaction);
        message.putShort((short) SOFTWARE).putShort((short) OWN_SOFTWARE.length).put(OWN_SOFTWARE);
        return end(message, true);
    }

    /**
     * What a server answers to a datagram, which is at most 52 bytes; nothing if it is no Binding request.
     *
     * @param from where the datagram came from
     */
    public static Optional<byte[]> answer(byte[] datagram, Endpoint from) {
        Message request = parse(datagram);
        if (request == null || request.type() != REQUEST) {
            return Optional.empty();
        }
        if (!request.unknown().isEmpty()) {
            return Optional.of(refusal(request));
        }
        ByteBuffer message = begin(SUCCESS, request.transaction());
        byte[] address = masked(from.address().bytes(), request.transaction());
        message.putShort((short) XOR_MAPPED_ADDRESS)
                .putShort((short) (4 + address.length))
                .putShort((short) (from.address().isV4() ? IPV4 : IPV6))
                .putShort((short) (from.port() ^ COOKIE >>> 16))
                .put(address);
        return Optional.of(end(message, request.hasFingerprint()));
    }

    /** RFC 8489 section 6.3.1.1, without a reason phrase; it names so many that it is no longer than a success. */
    private static byte[] refusal(Message request) {
        ByteBuffer message = begin(ERROR, request.transaction());
        message.putShort((short) ERROR_CODE)
                .putShort((short) 4)
                .putShort((short) 0)
                .put((byte) (UNKNOWN_ATTRIBUTE / 100))
                .put((byte) (UNKNOWN_ATTRIBUTE % 100));
        int named = Math.min(MAX_NAMED, request.unknown().size());
        message.putShort((short) UNKNOWN_ATTRIBUTES).putShort((short) (2 * named));
        for (int i = 0; i < named; i++) {
            message.putShort(request.unknown().get(i).shortValue());
        }
        pad(message);
        return end(message, request.hasFingerprint());
    }

    /** Where a server saw the asker; nothing if the datagram is not the success that answers this transaction. */
    public static Optional<Endpoint> mapped(byte[] datagram, Bytes transaction) {
        Message answer = parse(datagram);
        if (answer == null
                || answer.type() != SUCCESS
                || !answer.transaction().equals(transaction)
                || !answer.unknown().isEmpty()) {
            return Optional.empty();
        }
        return Optional.ofNullable(answer.mapped());
    }

    private static ByteBuffer begin(int type, Bytes transaction) {
        if (transaction.length() != TRANSACTION_BYTES) {
            throw new IllegalArgumentException("a transaction has " + TRANSACTION_BYTES + " bytes");
        }
        return ByteBuffer.allocate(MAX_BYTES)
                .putShort((short) type)
                .putShort((short) 0)
                .putInt(COOKIE)
                .put(transaction.toArray());
    }

    private static byte[] end(ByteBuffer message, boolean withFingerprint) {
        int attributes = message.position() - HEADER_BYTES;
        message.putShort(2, (short) (withFingerprint ? attributes + FINGERPRINT_BYTES : attributes));
        if (withFingerprint) {
            int fingerprint = fingerprint(message, message.position());
            message.putShort((short) FINGERPRINT).putShort((short) 4).putInt(fingerprint);
        }
        byte[] bytes = new byte[message.position()];
        message.get(0, bytes);
        return bytes;
    }

    private static void pad(ByteBuffer message) {
        while (message.position() % 4 != 0) {
            message.put((byte) 0);
        }
    }

    /** RFC 8489 section 14.7: over all before it, where the length in the header counts it already. */
    private static int fingerprint(ByteBuffer message, int before) {
        CRC32 crc = new CRC32();
        crc.update(message.duplicate().position(0).limit(before));
        return (int) crc.getValue() ^ FINGERPRINT_MASK;
    }

    /** RFC 8489 section 14.2: with the cookie, and beyond its length with the transaction; doing it again undoes it. */
    private static byte[] masked(byte[] address, Bytes transaction) {
        ByteBuffer mask =
                ByteBuffer.allocate(4 + TRANSACTION_BYTES).putInt(COOKIE).put(transaction.toArray());
        byte[] masked = new byte[address.length];
        for (int i = 0; i < address.length; i++) {
            masked[i] = (byte) (address[i] ^ mask.get(i));
        }
        return masked;
    }

    private static @Nullable Message parse(byte[] datagram) {
        if (datagram.length < HEADER_BYTES || datagram.length > MAX_BYTES || datagram.length % 4 != 0) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(datagram);
        int type = in.getShort();
        int length = Short.toUnsignedInt(in.getShort());
        if (type < 0 || type >= 0x4000 || length != datagram.length - HEADER_BYTES || in.getInt() != COOKIE) {
            return null;
        }
        byte[] id = new byte[TRANSACTION_BYTES];
        in.get(id);
        return attributes(in, type, Bytes.of(id));
    }

    private static @Nullable Message attributes(ByteBuffer in, int type, Bytes transaction) {
        Endpoint mapped = null;
        boolean signed = false;
        boolean hasFingerprint = false;
        List<Integer> unknown = new ArrayList<>();
        while (in.hasRemaining()) {
            int start = in.position();
            int attribute = Short.toUnsignedInt(in.getShort());
            int length = Short.toUnsignedInt(in.getShort());
            int padded = length + 3 & ~3;
            if (padded > in.remaining() || hasFingerprint) {
                return null;
            }
            byte[] value = new byte[length];
            in.get(value).position(start + 4 + padded);
            if (attribute == FINGERPRINT) {
                if (length != 4 || ByteBuffer.wrap(value).getInt() != fingerprint(in, start)) {
                    return null;
                }
                hasFingerprint = true;
            } else if (attribute == MESSAGE_INTEGRITY || attribute == MESSAGE_INTEGRITY_SHA256) {
                if (length > (attribute == MESSAGE_INTEGRITY ? HMAC_SHA1_BYTES : HMAC_SHA256_BYTES)) {
                    return null;
                }
                signed = true;
            } else if (!signed && attribute == XOR_MAPPED_ADDRESS && mapped == null) {
                mapped = endpoint(value, transaction);
            } else if (!signed && attribute < OPTIONAL_FROM && !UNDERSTOOD.contains(attribute)) {
                // What follows a signature is not read (RFC 8489 section 14.5).
                unknown.add(attribute);
            }
        }
        return new Message(type, transaction, mapped, hasFingerprint, unknown);
    }

    private static @Nullable Endpoint endpoint(byte[] value, Bytes transaction) {
        boolean v4 = value.length == 8 && value[1] == IPV4;
        boolean v6 = value.length == 20 && value[1] == IPV6;
        if (!v4 && !v6) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(value, 2, value.length - 2);
        int port = Short.toUnsignedInt(in.getShort()) ^ COOKIE >>> 16;
        byte[] address = new byte[in.remaining()];
        in.get(address);
        return port == 0 ? null : new Endpoint(Address.of(masked(address, transaction)), port);
    }
}
