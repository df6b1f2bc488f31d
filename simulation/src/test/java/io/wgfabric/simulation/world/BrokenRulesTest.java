package io.wgfabric.simulation.world;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulation is worth what it finds: each rule, broken on purpose, shows within a bounded number of seeds. */
class BrokenRulesTest {
    private static final String RAFT = "fabric-jgroups/src/main/java/io/wgfabric/jgroups/raft/";
    private static final String WAL = "fabric-jgroups/src/main/java/io/wgfabric/jgroups/wal/";
    private static final String STACK = "fabric-jgroups/src/main/java/io/wgfabric/jgroups/stack/";
    private static final String CORE = "fabric-core/src/main/java/io/wgfabric/core/";
    private static final String API = "fabric-api/src/main/java/io/wgfabric/api/";

    @ParameterizedTest
    @MethodSource("rules")
    void isCaught(BrokenRule rule, @TempDir Path folder) throws Exception {
        String caught = rule.hunt(Path.of("..").toAbsolutePath().normalize(), folder);
        System.getLogger(BrokenRulesTest.class.getName())
                .log(System.Logger.Level.INFO, "{0}: {1}", rule.name(), caught);
        assertFalse(caught.isEmpty(), rule.name() + " was not caught within " + rule.seeds() + " seeds");
        long seed = Long.parseLong(caught.substring(0, caught.indexOf(' ')));
        assertNull(Simulation.run(Scenario.of(seed, rule.whole())).violation(), "seed " + seed + " fails unbroken too");
    }

    static Stream<BrokenRule> rules() {
        return Stream.of(
                consensus("the vote is not written", STACK + "Carrier.java", "            wal.vote(state);\n", "", 200),
                consensus(
                        "two votes in a term",
                        RAFT + "Elections.java",
                        "upToDate && (core.vote == null || core.vote.equals(from))",
                        "upToDate",
                        200),
                consensus(
                        "a majority of a stale list",
                        RAFT + "RaftCore.java",
                        "return configurations.lastEntry().getValue();",
                        "return configurations.firstEntry().getValue();",
                        200),
                consensus(
                        "a change counts from its commit",
                        RAFT + "RaftCore.java",
                        "return configurations.lastEntry().getValue();",
                        "return configurations.floorEntry(Math.max(commit, configurations.firstKey())).getValue();",
                        400),
                consensus(
                        "a change is not rolled back with its entry",
                        RAFT + "RaftCore.java",
                        "configurations.tailMap(index, true).clear();",
                        "",
                        400),
                consensus(
                        "an entry of an old term is committed by counting",
                        RAFT + "Leading.java",
                        "candidate > core.commit && core.log.term(candidate) == core.term",
                        "candidate > core.commit",
                        400),
                consensus(
                        "a leader appends no no-op",
                        RAFT + "Leading.java",
                        "core.append(Entry.noop(noopIndex, core.term));",
                        "",
                        200),
                consensus(
                        "a change begins before the no-op is committed",
                        RAFT + "Membership.java",
                        "!core.leading.isEstablished()\n                || core.configurationIndex()",
                        "core.configurationIndex()",
                        1000),
                consensus(
                        "a second change begins while one is pending",
                        RAFT + "Membership.java",
                        "                || core.configurationIndex() > core.commit\n",
                        "",
                        1000),
                consensus(
                        "a mismatch truncates",
                        RAFT + "Following.java",
                        "// Nothing is deleted on a mismatch: only an entry of the leader's that differs proves a conflict.",
                        "if (core.log.lastIndex() > core.commit) { core.truncateFrom(core.commit + 1); }",
                        200),
                consensus(
                        "an entry that is there already cuts what follows it",
                        RAFT + "Following.java",
                        "if (core.log.term(entry.index()) == entry.term()) {",
                        "if (core.log.term(entry.index()) == entry.term() && entry.index() <= core.commit) {",
                        200),
                consensus(
                        "an answer tells the log's end",
                        RAFT + "Following.java",
                        "long matched = Math.max(verified, core.commit);",
                        "long matched = core.log.lastIndex();",
                        200),
                consensus(
                        "the commit index goes beyond what was verified",
                        RAFT + "Following.java",
                        "Math.min(request.commit(), verified)",
                        "Math.min(request.commit(), core.log.lastIndex())",
                        200),
                consensus(
                        "a snapshot at or below the commit index is taken",
                        RAFT + "Following.java",
                        "if (request.meta().index() <= core.commit) {",
                        "if (request.meta().index() < 0) {",
                        400),
                consensus(
                        "a candidate with a shorter log gets a vote",
                        RAFT + "Elections.java",
                        "boolean upToDate = longer && ",
                        "boolean upToDate = (longer || request.lastIndex() > 0) && ",
                        200),
                consensus(
                        "a read without a confirmed majority",
                        RAFT + "Reads.java",
                        "if (!core.configuration().hasMajority(confirmed)) {",
                        "if (confirmed.isEmpty()) {",
                        1000),
                consensus(
                        "a read before the leader has committed in its term",
                        RAFT + "Reads.java",
                        "waiting.isEmpty() || !core.leading.isEstablished()",
                        "waiting.isEmpty()",
                        1000),
                consensus(
                        "an answer of an earlier run settles a read",
                        STACK + "Requests.java",
                        "long first = origin >>> NUMBER_SHIFT;",
                        "long first = 0;",
                        600),
                consensus(
                        "an append is not synced",
                        WAL + "SegmentLog.java",
                        "            open.force(false);\n",
                        "",
                        200),
                consensus(
                        "what a killed process left is not synced",
                        WAL + "SegmentLog.java",
                        "            open.force(true);\n",
                        "",
                        1000),
                consensus(
                        "the checksum of a frame is not compared",
                        WAL + "Segment.java",
                        "return crc == Durable.crc(file, offset + HEAD, length) ? HEAD + length : 0;",
                        "return crc == 0 ? 0 : HEAD + length;",
                        400),
                consensus(
                        "a file is renamed before it is synced",
                        WAL + "Durable.java",
                        "            file.force(true);\n",
                        "",
                        200),
                fabric(
                        "a repeated request is applied again",
                        CORE + "state/Machine.java",
                        "if (known != null) {",
                        "if (known != null && known.outcome() == null) {",
                        60),
                fabric("a use of a token is not counted", API + "Token.java", "used + 1", "used", 60),
                fabric(
                        "an agent takes an older revision",
                        API + "Edition.java",
                        "return compareTo(other) < 0;",
                        "return false;",
                        60));
    }

    private static BrokenRule consensus(String name, String file, String text, String replacement, int seeds) {
        return new BrokenRule(name, file, text, replacement, false, seeds);
    }

    private static BrokenRule fabric(String name, String file, String text, String replacement, int seeds) {
        return new BrokenRule(name, file, text, replacement, true, seeds);
    }
}
