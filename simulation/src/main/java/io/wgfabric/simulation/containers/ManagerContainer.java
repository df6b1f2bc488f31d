package io.wgfabric.simulation.containers;

import io.wgfabric.api.Address;
import io.wgfabric.core.codec.Json;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.Shell;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A manager. Without a token it founds a cluster. */
public final class ManagerContainer extends FabricNode<ManagerContainer> {
    private static final Pattern UP = Pattern.compile("is up\\.|has joined cluster|serves again");

    ManagerContainer(
            String image, String name, Underlay underlay, Address address, Privilege privilege, String cluster) {
        super(image, name, underlay, address, privilege, cluster);
    }

    @Override
    Pattern up() {
        return UP;
    }

    @Override
    boolean isBack(long timesUp) {
        return timesUp() > timesUp;
    }

    /**
     * Asks with this manager's own credential: {@code ask("node", "list")}. It asks itself first.
     *
     * @throws LabException if it is refused, or no manager answers
     */
    public JsonNode ask(String... arguments) {
        List<String> command = new ArrayList<>(List.of("fabric"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-o", "json"));
        Shell.Result result = run(LIMIT, "fabric", command);
        String shown = "'fabric " + arguments[0] + "' on " + this;
        if (!result.ok()) {
            throw new LabException(shown + " failed: " + result.reason());
        }
        try {
            return Json.mapper().readTree(result.out());
        } catch (JacksonException e) {
            throw new LabException(shown + " did not answer in JSON", e);
        }
    }
}
