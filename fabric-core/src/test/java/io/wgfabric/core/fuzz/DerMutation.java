package io.wgfabric.core.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Knows DER (X.690): changes one element of a certificate or request and writes lengths that fit all around it, or one
 * that lies.
 */
final class DerMutation implements Mutation {
    private static final int CONSTRUCTED = 0x20;
    private static final int MAX_DEPTH = 24;

    /** Either parts or bytes. */
    private static final class Element {
        int tag;
        final List<Element> parts = new ArrayList<>();
        byte[] bytes = new byte[0];
        /** Written in place of the true length. */
        byte[] lie = new byte[0];
    }

    @Override
    public byte[] damage(Random random, byte[] sound, byte[] other) {
        List<Element> roots = parse(sound, 0, sound.length, 0);
        List<Element> all = new ArrayList<>();
        roots.forEach(root -> collect(root, all));
        if (all.isEmpty()) {
            return new ByteMutation().damage(random, sound, other);
        }
        change(random, all.get(random.nextInt(all.size())), all);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        roots.forEach(root -> write(root, out));
        return out.size() <= MAX_BYTES ? out.toByteArray() : sound;
    }

    private static void change(Random random, Element element, List<Element> all) {
        Element donor = all.get(random.nextInt(all.size()));
        switch (random.nextInt(8)) {
            case 0 -> element.lie = lie(random);
            case 1 -> element.tag = random.nextInt(256);
            case 2 -> element.parts.clear();
            case 3 -> {
                if (!element.parts.isEmpty()) {
                    Element part = element.parts.get(random.nextInt(element.parts.size()));
                    for (int i = random.nextInt(60); i >= 0; i--) {
                        element.parts.add(part);
                    }
                }
            }
            case 4 -> bury(element, 1 + random.nextInt(random.nextInt(10) == 0 ? 4_000 : 20));
            case 5 -> {
                element.parts.clear();
                element.bytes = donor.bytes;
                element.tag = donor.tag;
            }
            case 6 -> {
                byte[] filling = new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 80)];
                random.nextBytes(filling);
                element.parts.clear();
                element.bytes = filling;
            }
            default -> element.bytes = new ByteMutation().damage(random, element.bytes, donor.bytes);
        }
    }

    /** Lengths that claim gigabytes, that have no end, or that take more bytes than a length may. */
    private static byte[] lie(Random random) {
        byte[][] lies = {
            {(byte) 0x80},
            {(byte) 0x84, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            {(byte) 0x84, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            {(byte) 0x88, 0x7f, -1, -1, -1, -1, -1, -1, -1},
            {(byte) 0xff},
            {(byte) 0x82, 0, 1},
            {0},
            {(byte) random.nextInt(128)},
            {(byte) 0x82, (byte) random.nextInt(), (byte) random.nextInt()}
        };
        return lies[random.nextInt(lies.length)];
    }

    private static void bury(Element element, int depth) {
        // Encoded from the inside, so that deep nesting takes no stack here.
        ByteArrayOutputStream inside = new ByteArrayOutputStream();
        write(element, inside);
        byte[] bytes = inside.toByteArray();
        for (int i = 0; i < depth; i++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(0x30);
            out.writeBytes(length(bytes.length));
            out.writeBytes(bytes);
            bytes = out.toByteArray();
            if (bytes.length > MAX_BYTES) {
                break;
            }
        }
        element.tag = 0x30;
        element.parts.clear();
        element.bytes = bytes;
    }

    private static void collect(Element element, List<Element> into) {
        into.add(element);
        element.parts.forEach(part -> collect(part, into));
    }

    /** The elements of a range, or none if it is no row of whole ones. */
    private static List<Element> parse(byte[] in, int from, int to, int depth) {
        List<Element> elements = new ArrayList<>();
        int at = from;
        while (at < to) {
            if (to - at < 2) {
                return List.of();
            }
            Element element = new Element();
            element.tag = in[at++] & 0xff;
            int length = in[at++] & 0xff;
            if (length > 0x80) {
                int count = length & 0x7f;
                if (count > 3 || to - at < count) {
                    return List.of();
                }
                length = 0;
                for (int i = 0; i < count; i++) {
                    length = length << 8 | (in[at++] & 0xff);
                }
            } else if (length == 0x80) {
                return List.of();
            }
            if (length > to - at) {
                return List.of();
            }
            // Extensions hide DER in strings of octets: looked into where it is a row of whole elements.
            boolean inside = (element.tag & CONSTRUCTED) != 0 || element.tag == 0x04;
            if (inside && depth < MAX_DEPTH) {
                element.parts.addAll(parse(in, at, at + length, depth + 1));
            }
            element.bytes = Arrays.copyOfRange(in, at, at + length);
            at += length;
            elements.add(element);
        }
        return elements;
    }

    private static void write(Element element, ByteArrayOutputStream out) {
        byte[] content = element.bytes;
        if (!element.parts.isEmpty()) {
            ByteArrayOutputStream inner = new ByteArrayOutputStream();
            element.parts.forEach(part -> write(part, inner));
            content = inner.toByteArray();
        }
        out.write(element.tag);
        out.writeBytes(element.lie.length > 0 ? element.lie : length(content.length));
        out.writeBytes(content);
    }

    private static byte[] length(int length) {
        if (length < 0x80) {
            return new byte[] {(byte) length};
        }
        return length < 0x10000
                ? new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length}
                : new byte[] {(byte) 0x83, (byte) (length >> 16), (byte) (length >> 8), (byte) length};
    }
}
