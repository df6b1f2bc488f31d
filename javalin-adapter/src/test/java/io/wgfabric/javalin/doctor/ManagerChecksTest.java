package io.wgfabric.javalin.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlException;
import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.doctor.Finding.Result;
import io.wgfabric.javalin.doctor.ManagerChecks.Sight;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManagerChecksTest {
    private static Sight sight(String name, long revision, String digest) {
        String status = """
                {"manager":{"id":"%1$s","name":"%1$s"},"leader":{"name":"m1"},"epoch":1,"revision":%2$d,"digest":"%3$s"}\
                """.formatted(name, revision, digest);
        return new Sight(name + ":7443", Duration.ZERO, Json.mapper().readTree(status), null);
    }

    private static Sight apart(Duration ahead) {
        Sight sight = sight("m1", 7, "aa");
        return new Sight(sight.at(), ahead, sight.status(), null);
    }

    private static Sight silent(int status, String slug, String message) {
        return new Sight("m2:7443", null, null, new ControlException(status, slug, message));
    }

    private static Finding standing(String status) {
        return ManagerChecks.standing(
                Json.mapper().readTree("{\"name\":\"web-1\",\"cause\":\"odd traffic\",\"status\":\"" + status + "\"}"),
                "fabric peer run --data /d");
    }

    @Test
    void clocksAreWarnedOfFromHalfAMinuteAndFailFromFive() {
        assertEquals(
                Result.OK, ManagerChecks.clock(apart(Duration.ofSeconds(-29))).result());
        Finding near = ManagerChecks.clock(apart(Duration.ofSeconds(30)));
        assertEquals(Result.WARNING, near.result());
        assertEquals(
                "this machine is 30 s behind m1: set both by NTP; from 5 minutes on certificates are refused",
                near.line());
        Finding far = ManagerChecks.clock(apart(Duration.ofMinutes(-5)));
        assertEquals(Result.FAILED, far.result());
        assertEquals(
                "this machine is 300 s ahead of m1: set both by NTP; certificates are refused from 5 minutes on",
                far.line());
    }

    @Test
    void timeIsThatOfTheMiddleOfTheQuestion() {
        Instant asked = Instant.parse("2026-03-01T00:00:00Z");

        assertEquals(
                Duration.ofSeconds(60),
                ManagerClock.ahead("Sun, 01 Mar 2026 00:01:01 GMT", asked, asked.plusSeconds(3)));
    }

    @Test
    void managerThatDoesNotAnswerIsNamed() {
        Finding down = ManagerChecks.answers(silent(ControlException.UNREACHABLE, "unreachable", "no"));

        assertEquals(Result.FAILED, down.result());
        assertEquals(
                "none answers at m2:7443: start it, let the port through, or 'fabric node remove' it", down.line());
        assertTrue(ManagerChecks.answers(silent(ControlException.UNREACHABLE, "untrusted", "no authority"))
                .line()
                .startsWith("m2:7443 does not prove to be of this cluster: look who has that port (no authority)"));
        assertEquals(
                "m2:7443 refuses: node n-1 was removed",
                ManagerChecks.answers(silent(403, "node-removed", "node n-1 was removed"))
                        .line());
    }

    @Test
    void oneRevisionWithTwoDigestsFails() {
        List<Finding> found = ManagerChecks.state(
                List.of(sight("m1", 7, "aaaaaaaaaaaaaaaa"), sight("m2", 7, "bb"), sight("m3", 7, "aaaaaaaaaaaaaaaa")));

        assertEquals(1, found.size());
        assertEquals(Result.FAILED, found.get(0).result());
        assertEquals(
                "at revision 7 m1 has aaaaaaaaaaaa, m2 has bb, m3 has aaaaaaaaaaaa: replace the one that differs from"
                        + " the others (docs/RUNBOOK.md)",
                found.get(0).line());
    }

    @Test
    void managerThatIsBehindIsNoDifference() {
        List<Finding> found = ManagerChecks.state(List.of(sight("m1", 9, "aa"), sight("m2", 7, "bb")));

        assertEquals(1, found.size());
        assertEquals(Result.WARNING, found.get(0).result());
        assertTrue(found.get(0).line().startsWith("m2 is behind, at revision 7 of 9: "));
    }

    @Test
    void oneStateIsSaidToBeOne() {
        List<Finding> found = ManagerChecks.state(List.of(sight("m1", 7, "aa"), sight("m2", 7, "aa")));

        assertEquals(List.of(Finding.ok("state", "revision 7, digest aa at 2 managers")), found);
        assertEquals(List.of(), ManagerChecks.state(List.of()));
    }

    @Test
    void nobodyWhoLeadsFails() {
        Sight alone = new Sight(
                "m1:7443",
                Duration.ZERO,
                Json.mapper().readTree("{\"manager\":{\"name\":\"m1\"},\"epoch\":1,\"revision\":7,\"digest\":\"aa\"}"),
                null);

        Finding found = ManagerChecks.state(List.of(alone)).get(0);

        assertEquals(Result.FAILED, found.result());
        assertTrue(found.line().startsWith("nobody leads, so nothing is decided: start more managers"));
    }

    @Test
    void nodeIsWhatManagersMakeOfIt() {
        assertEquals(Result.OK, standing("online").result());
        assertEquals(
                "web-1 waits for approval: fabric node approve web-1",
                standing("pending").line());
        assertEquals(Result.WARNING, standing("suspect").result());
        assertEquals(
                "web-1 is in quarantine: odd traffic: when that is settled, fabric node release web-1",
                standing("quarantined").line());
        assertEquals(
                new Finding(
                        "node", Result.FAILED, "the managers do not hear web-1", "start it: fabric peer run --data /d"),
                standing("offline"));
    }
}
