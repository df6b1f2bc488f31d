package io.wgfabric.scale.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import io.wgfabric.scale.chaos.Asker.Answer;
import io.wgfabric.scale.chaos.Intents.CreateToken;
import io.wgfabric.scale.chaos.Intents.JoinNode;
import io.wgfabric.scale.chaos.Ledger.NodeFact;
import io.wgfabric.scale.chaos.Ledger.TokenFact;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the suites would say if managers went wrong: a suite that cannot fail shows nothing. */
final class LedgerTest {
    private static final TokenFact TOKEN = new TokenFact("t1", "t-1", "text", 1, null);

    private final Ledger ledger = new Ledger();

    private static Answer ok(String json) {
        return new Answer(200, Json.mapper().readTree(json), "");
    }

    private static Answer refused(String slug) {
        return new Answer(403, Json.mapper().readTree("{}"), slug);
    }

    private static Answer admitted(String id, String address) {
        return ok("{\"node\":{\"id\":\"" + id + "\",\"addresses\":[\"" + address + "\"]}}");
    }

    private List<String> judged() {
        ledger.tokenHistories.judge(ledger::violation);
        ledger.nodeHistories.judge(ledger::violation);
        ledger.addressHistories.judge(ledger::violation);
        ledger.answerHistories.judge(ledger::violation);
        return ledger.violations();
    }

    private void created() {
        new CreateToken("t1", 1, null).answered(ledger, 0, 1, ok("{\"id\":\"t-1\",\"token\":\"text\"}"));
    }

    @Test
    void whatIsRightIsNoViolation() {
        created();
        new JoinNode("n1", TOKEN, 1).answered(ledger, 2, 5, admitted("n-1", "10.64.0.1"));
        new JoinNode("n2", TOKEN, 2).answered(ledger, 3, 6, refused("token-used-up"));
        ledger.read(3, 3, "a list");
        ledger.digest("m1", 3, "aa");
        ledger.digest("m2", 3, "aa");
        assertEquals(List.of(), judged());
    }

    @Test
    void aUseTooManyIsFound() {
        created();
        new JoinNode("n1", TOKEN, 1).answered(ledger, 2, 5, admitted("n-1", "10.64.0.1"));
        new JoinNode("n2", TOKEN, 2).answered(ledger, 3, 6, admitted("n-2", "10.64.0.2"));
        assertTrue(judged().get(0).startsWith("not linearizable: token t1"), judged().toString());
    }

    @Test
    void anAddressThatIsGivenTwiceIsFound() {
        ledger.admitted(new NodeFact("n1", "n-1", "10.64.0.1", TOKEN));
        ledger.admitted(new NodeFact("n2", "n-2", "10.64.0.1", TOKEN));
        assertEquals(List.of("address 10.64.0.1 was given to n-1 and to n-2"), judged());
    }

    @Test
    void aRequestWithTwoAnswersIsFound() {
        ledger.answered("r1", 0, 1, "done");
        ledger.answered("r1", 2, 3, "token-used-up");
        assertTrue(judged().get(0).startsWith("not linearizable: request r1"), judged().toString());
    }

    @Test
    void aReadOfThePastIsFound() {
        ledger.read(0, 7, "a list");
        ledger.read(ledger.newestRevision(), 6, "a list");
        assertEquals(1, judged().size());
    }

    @Test
    void aDigestThatDiffersIsFound() {
        ledger.digest("m1", 3, "aa");
        ledger.digest("m2", 3, "bb");
        assertEquals(1, judged().size());
    }
}
