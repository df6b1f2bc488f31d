/**
 * Twenty-one schedules that break a careless Raft, played by hand on our members and on those of jgroups-raft 1.1.4 with
 * its own classes, its file log and fsync. {@code -Dfabric.raft=stock} plays them on stock, and those that it breaks
 * fail; {@link io.wgfabric.jgroups.scenario.StockFailsTest} demands in every build that they do, and how. Ours pass all.
 *
 * <p>"s" is a scenario, "t" a trap that none of them shows. What stock does:
 *
 * <table>
 * <caption>Scenarios on stock</caption>
 * <tr><th>s01</th><td>fails: two leaders in a term, one of them acknowledges alone, states diverge. The majority is not
 *     recomputed from the snapshot.</td></tr>
 * <tr><th>s02</th><td>passes: without a snapshot the replayed log gives it the right majority.</td></tr>
 * <tr><th>s03</th><td>fails: two leaders in a term. The term of a vote is not looked at.</td></tr>
 * <tr><th>s04</th><td>fails: an acknowledged command is lost. Votes and entries are handled on two threads.</td></tr>
 * <tr><th>s05</th><td>fails: two leaders in a term. An old entry takes the term on disk back. That the vote is never
 *     forced to the disk is not shown: it takes a loss of power, not a kill.</td></tr>
 * <tr><th>s06</th><td>fails: an acknowledged command is overwritten. Votes are counted against the coordinator's list,
 *     and the elected checks the size of its view, in which a learner counts.</td></tr>
 * <tr><th>s07</th><td>fails: states diverge. An answer says the log's end; an empty message commits.</td></tr>
 * <tr><th>s08</th><td>fails: an acknowledged command is lost. Only the first entry of a batch is compared.</td></tr>
 * <tr><th>s09</th><td>fails: states diverge, by the empty message of a read. No leader of stock's was brought to send
 *     an entry below the suffix together with a commit index above it.</td></tr>
 * <tr><th>s10</th><td>fails: an acknowledged command is lost. An answer says the log's end.</td></tr>
 * <tr><th>s11</th><td>fails: a follower deletes what it acknowledged. Alone this loses nothing: another majority has
 *     it.</td></tr>
 * <tr><th>s12</th><td>fails: an acknowledged command is lost. A snapshot is accepted at any index.</td></tr>
 * <tr><th>s13</th><td>fails: states diverge. A newer state is found beside an older log, and entries are applied
 *     twice.</td></tr>
 * <tr><th>s14</th><td>fails: a command is acknowledged with two of four voters.</td></tr>
 * <tr><th>s15</th><td>fails: an acknowledged command is lost, states diverge. A change counts when it is committed, and a
 *     second one need not wait.</td></tr>
 * <tr><th>s16</th><td>fails: the last voter waits for the one that left.</td></tr>
 * <tr><th>s17</th><td>fails: stuck. A message of an old term has no answer, and only views start elections.</td></tr>
 * <tr><th>s18</th><td>fails twice: a write that was cut short counts as stored, so that states diverge after a restart;
 *     a leader that cannot write leads on, and nothing is acknowledged.</td></tr>
 * <tr><th>s19</th><td>fails: the old leader acknowledges alone and serves a stale read.</td></tr>
 * <tr><th>s20</th><td>fails: a forwarded request never ends.</td></tr>
 * <tr><th>s21</th><td>random schedules: {@code io.wgfabric.simulation.world}. Not played on stock.</td></tr>
 * <tr><th>t01</th><td>fails: a read without a quorum acknowledges the writes before it, which are lost.</td></tr>
 * <tr><th>t02</th><td>fails: acknowledged commands are lost. The log is empty after an installed snapshot and a
 *     restart.</td></tr>
 * <tr><th>t06</th><td>fails: a learner receives nothing while the leader is busy.</td></tr>
 * </table>
 *
 * <p>Between a kill of the process and a loss of power these tests make no difference. Views of stock's come when the test
 * says so, and a voting round ends as soon as all messages have been delivered; its threads' code is not changed.
 */
@NullMarked
package io.wgfabric.jgroups.scenario;

import org.jspecify.annotations.NullMarked;
