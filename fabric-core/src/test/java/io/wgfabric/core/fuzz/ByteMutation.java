package io.wgfabric.core.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Knows nothing of the form: flips, cuts, doubles, splices and fills. */
final class ByteMutation implements Mutation {
    private static final int[] EXTREMES = {0, -1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 16, 1 << 24, -2};

    /** Text that parsers have stumbled over: NUL, a lone surrogate, a byte order mark, digits of another script. */
    private static final byte[][] MORSELS = {
        {0},
        {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
        {(byte) 0xc0, (byte) 0x80},
        {(byte) 0xf8, (byte) 0x88, (byte) 0x80, (byte) 0x80, (byte) 0x80},
        utf8("\ufeff"),
        utf8("\u0661\u0662"),
        utf8("\u202e"),
        utf8("\ud83d\ude00"),
        utf8("\\u0000"),
        utf8("\r\n\r\n"),
        utf8("${jndi:x}%s%n"),
        utf8("../../..")
    };

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] damage(Random random, byte[] sound, byte[] other) {
        if (sound.length == 0) {
            return MORSELS[random.nextInt(MORSELS.length)].clone();
        }
        int at = random.nextInt(sound.length);
        int end = at + random.nextInt(Math.min(sound.length - at, 64) + 1);
        return switch (random.nextInt(10)) {
            case 0 -> with(sound, at, (byte) (sound[at] ^ 1 << random.nextInt(8)));
            case 1 -> with(sound, at, (byte) random.nextInt());
            case 2 -> Arrays.copyOf(sound, at);
            case 3 -> replaced(sound, at, end, new byte[0]);
            case 4 -> replaced(sound, at, at, Arrays.copyOfRange(sound, at, end));
            case 5 -> replaced(sound, at, end, MORSELS[random.nextInt(MORSELS.length)]);
            case 6 -> replaced(sound, at, sound.length, tail(random, other));
            case 7 -> replaced(sound, at, end, filled(random, random.nextInt(600)));
            case 8 -> extreme(random, sound, at);
            // Seldom, since a long input takes long.
            default ->
                random.nextInt(40) == 0
                        ? replaced(sound, at, at, filled(random, random.nextInt(MAX_BYTES)))
                        : with(sound, at, (byte) (sound[at] + 1));
        };
    }

    private static byte[] with(byte[] sound, int at, byte value) {
        byte[] damaged = sound.clone();
        damaged[at] = value;
        return damaged;
    }

    private static byte[] tail(Random random, byte[] other) {
        return Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length);
    }

    private static byte[] filled(Random random, int length) {
        byte[] filling = new byte[length];
        if (random.nextBoolean()) {
            Arrays.fill(filling, (byte) random.nextInt());
        } else {
            random.nextBytes(filling);
        }
        return filling;
    }

    private static byte[] extreme(Random random, byte[] sound, int at) {
        byte[] damaged = sound.clone();
        if (at + Integer.BYTES <= damaged.length) {
            ByteBuffer.wrap(damaged).putInt(at, EXTREMES[random.nextInt(EXTREMES.length)]);
        }
        return damaged;
    }

    /** Another text in the place of a range, as far as the limit allows. */
    static byte[] replaced(byte[] sound, int from, int to, byte[] by) {
        int length = sound.length - (to - from) + by.length;
        byte[] damaged = Arrays.copyOf(sound, from + by.length + sound.length - to);
        System.arraycopy(by, 0, damaged, from, by.length);
        System.arraycopy(sound, to, damaged, from + by.length, sound.length - to);
        return length <= MAX_BYTES ? damaged : Arrays.copyOf(damaged, MAX_BYTES);
    }
}
