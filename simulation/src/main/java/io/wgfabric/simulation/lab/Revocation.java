package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabInterface;
import io.wgfabric.simulation.netns.Shell;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** What a manager that does not lead answers, and what becomes of somebody whom the fabric refuses. */
final class Revocation {
    private static final Address OUTSIDER = Address.parse("10.77.254.1");
    private static final Set<String> OWN_INTERFACES = Set.of("lo", "eth0");

    private final Fleet fleet;
    private final Report report;

    Revocation(Fleet fleet, Report report) {
        this.fleet = fleet;
        this.report = report;
    }

    /** Every operation works at a manager that does not lead; the token that it made and revoked is answered. */
    Fleet.Issued operate(LabNode follower) {
        JsonNode status = fleet.ask(follower, "status");
        JsonNode nodes = fleet.ask(follower, "node", "list");
        Fleet.Issued issued = fleet.createToken(follower, "peer", 1);
        boolean listed = row(fleet.ask(follower, "token", "list"), issued.id())
                .path("state")
                .asString("")
                .equals("valid");
        fleet.ask(follower, "token", "revoke", issued.id());
        boolean revoked = row(fleet.ask(follower, "token", "list"), issued.id())
                .path("state")
                .asString("")
                .equals("revoked");
        boolean follows = !status.path("leader").path("name").asString("").equals(follower.name());
        boolean itself = status.path("manager").path("name").asString("").equals(follower.name());
        boolean complete = rows(nodes).size() == fleet.nodes().size();
        report.check(
                "status, token create, list, revoke and node list at a follower",
                listed
                        && revoked
                        && complete
                        && itself
                        && (follows || fleet.managers().size() == 1),
                follower + (follows ? " follows" : " leads, it is alone") + ", "
                        + rows(nodes).size() + " nodes listed");
        return issued;
    }

    /** The items of a list, whichever way it is wrapped. */
    static List<JsonNode> rows(JsonNode list) {
        JsonNode items = list.isArray() ? list : list.path("items");
        return StreamSupport.stream(items.spliterator(), false).toList();
    }

    private static JsonNode row(JsonNode list, String id) {
        return rows(list).stream()
                .filter(each -> each.path("id").asString("").equals(id))
                .findFirst()
                .orElseThrow(() -> new LabException("the list of tokens lacks " + id));
    }

    /** A machine tries to join with a revoked token: one line, exit status 1, and nothing is left. */
    String refuse(Fleet.Issued revoked, LabNode manager) {
        LabNode outsider = fleet.bystander("x1", OUTSIDER, false);
        Shell.Result result = fleet.program().run(outsider.host(), Fleet.joinArguments(outsider, revoked.token()));
        List<String> complaint =
                result.err().lines().filter(line -> !line.isBlank()).toList();
        report.check(
                "a join with the revoked token is refused",
                result.status() == 1 && complaint.size() == 1 && result.reason().contains("revoked"),
                "exit status " + result.status() + ": " + String.join(" / ", complaint));
        List<String> interfaces = outsider.host().interfaces().stream()
                .map(LabInterface::name)
                .filter(name -> !OWN_INTERFACES.contains(name))
                .toList();
        int used = row(fleet.ask(manager, "token", "list"), revoked.id())
                .path("used")
                .asInt(-1);
        boolean member = rows(fleet.ask(manager, "node", "list")).stream()
                .anyMatch(each -> each.path("name").asString("").equals(outsider.name()));
        boolean folder = Files.exists(outsider.data());
        report.check(
                "the refused machine keeps nothing",
                interfaces.isEmpty() && used == 0 && !member && !folder,
                (interfaces.isEmpty() ? "no interface" : "interfaces " + interfaces)
                        + (used == 0 ? ", no use taken" : ", uses taken: " + used)
                        + (folder ? ", its folder is left" : ", no folder")
                        + (member ? ", but it is a member" : ""));
        return result.reason();
    }
}
