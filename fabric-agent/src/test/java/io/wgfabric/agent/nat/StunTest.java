package io.wgfabric.agent.nat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Endpoint;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the vectors of RFC 5769, and whatever else may arrive. */
class StunTest {
    private static final Endpoint V4 = Endpoint.parse("192.0.2.1:32853");
    private static final Endpoint V6 = Endpoint.parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853");
    private static final Bytes TRANSACTION = Bytes.parseHex("b7e7a701bc34d686fa87dfae");

    /** Section 2.1: with PRIORITY, which is for ICE and must be understood. */
    private static final byte[] REQUEST = hex("000100582112a442b7e7a701bc34d686fa87dfae"
            + "802200105354554e207465737420636c69656e74"
            + "002400046e0001ff"
            + "80290008932ff9b151263b36"
            + "00060009657674 6a3a68367659202020"
            + "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
            + "80280004e57a3bcf");

    /** Section 2.2. */
    private static final byte[] ANSWER_V4 = hex("0101003c2112a442b7e7a701bc34d686fa87dfae"
            + "8022000b7465737420766563746f7220"
            + "002000080001a147e112a643"
            + "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
            + "80280004c07d4c96");

    /** Section 2.3. */
    private static final byte[] ANSWER_V6 = hex("010100482112a442b7e7a701bc34d686fa87dfae"
            + "8022000b7465737420766563746f7220"
            + "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
            + "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
            + "80280004c8fb0b4c");

    /** Section 2.4: with credentials, which a server without any does not read, and without a fingerprint. */
    private static final byte[] LONG_TERM_REQUEST = hex("000100602112a44278ad3433c6ad72c029da412e"
            + "00060012e3839ee38388e383aae38383e382afe382b90000"
            + "0015001c662f2f3439396b3935346436 4f4c33346f4c394653547679363473 41"
            + "0014000b6578616d706c652e6f726700"
            + "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666");

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    @Test
    void answersOfTheVectorsAreRead() {
        assertEquals(Optional.of(V4), Stun.mapped(ANSWER_V4, TRANSACTION));
        assertEquals(Optional.of(V6), Stun.mapped(ANSWER_V6, TRANSACTION));
    }

    @Test
    void answerToAnotherTransactionIsNotOurs() {
        assertEquals(Optional.empty(), Stun.mapped(ANSWER_V4, Bytes.parseHex("b7e7a701bc34d686fa87dfaf")));
    }

    @Test
    void anyBitThatIsAnotherIsNoticedByTheFingerprint() {
        int fingerprint = 8 * (ANSWER_V6.length - 8);
        for (int bit = 0; bit < 8 * ANSWER_V6.length; bit++) {
            if (bit >= fingerprint && bit < fingerprint + 16) {
                // Then it is no fingerprint, but something else that need not be understood.
                continue;
            }
            byte[] altered = ANSWER_V6.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            assertEquals(Optional.empty(), Stun.mapped(altered, TRANSACTION), "bit " + bit);
        }
    }

    @Test
    void requestOfTheVectorsIsToldWhatIsNotUnderstood() {
        byte[] answer = Stun.answer(REQUEST, V4).orElseThrow();

        byte[] withoutItsSum = Arrays.copyOf(answer, answer.length - 4);
        assertArrayEquals(
                hex("011100182112a442b7e7a701bc34d686fa87dfae" + "0009000400000414" + "000a000200240000" + "80280004"),
                withoutItsSum);
        assertTrue(answer.length <= REQUEST.length);
    }

    @Test
    void requestWithCredentialsIsAnsweredAsOneWithout() {
        byte[] answer = Stun.answer(LONG_TERM_REQUEST, V6).orElseThrow();

        assertEquals(Optional.of(V6), Stun.mapped(answer, Bytes.parseHex("78ad3433c6ad72c029da412e")));
        assertEquals(44, answer.length, "no fingerprint, since the request has none");
    }

    /** As {@code turnutils_stunclient} and most others ask. */
    @Test
    void bareRequestOfTwentyBytesIsAnswered() {
        byte[] bare = hex("000100002112a442b7e7a701bc34d686fa87dfae");

        assertArrayEquals(
                hex("0101000c2112a442b7e7a701bc34d686fa87dfae" + "002000080001a147e112a643"),
                Stun.answer(bare, V4).orElseThrow());
    }

    @Test
    void ownRequestsAreAnsweredWithNoMoreThanTheyHave() {
        byte[] request = Stun.request(TRANSACTION);
        for (Endpoint from : new Endpoint[] {V4, V6}) {
            byte[] answer = Stun.answer(request, from).orElseThrow();
            assertTrue(answer.length <= request.length, answer.length + " bytes for " + request.length);
            assertEquals(Optional.of(from), Stun.mapped(answer, TRANSACTION));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00010000",
                "000100002112a442b7e7a701bc34d686fa87df",
                "000100002112a443b7e7a701bc34d686fa87dfae", // RFC 3489 had no cookie
                "000100042112a442b7e7a701bc34d686fa87dfae", // longer than it is
                "000100042112a442b7e7a701bc34d686fa87dfae80220004", // an attribute that is longer than it is
                "001100002112a442b7e7a701bc34d686fa87dfae", // an indication
                "000300002112a442b7e7a701bc34d686fa87dfae", // Allocate, of TURN
                "0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643", // an answer
                "800100002112a442b7e7a701bc34d686fa87dfae"
            })
    void whatIsNoBindingRequestIsNotAnswered(String datagram) {
        assertEquals(Optional.empty(), Stun.answer(hex(datagram), V4));
    }

    @Test
    void answersAreShortWhateverIsAsked() {
        Random random = new Random(1);
        byte[][] seeds = {REQUEST, LONG_TERM_REQUEST, ANSWER_V4, Stun.request(TRANSACTION)};
        for (int round = 0; round < 200_000; round++) {
            byte[] seed = seeds[random.nextInt(seeds.length)].clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                seed[random.nextInt(seed.length)] = (byte) random.nextInt();
            }
            Optional<byte[]> answer = Stun.answer(seed, V6);
            assertTrue(answer.map(bytes -> bytes.length).orElse(0) <= 52);
            var unused = Stun.mapped(seed, TRANSACTION);
        }
    }
}
