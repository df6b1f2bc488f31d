package io.wgfabric.simulation.netns;

import io.wgfabric.api.Address;
import io.wgfabric.core.codec.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A network interface as the system shows it.
 *
 * @param addresses without those of the link alone ({@code fe80::/10})
 */
public record LabInterface(String name, List<Address> addresses) {

    public LabInterface {
        addresses = List.copyOf(addresses);
    }

    /** Reads what {@code ip -j addr} prints. */
    public static List<LabInterface> parse(String json) {
        List<LabInterface> interfaces = new ArrayList<>();
        for (JsonNode link : Json.mapper().readTree(json)) {
            List<Address> addresses = new ArrayList<>();
            for (JsonNode info : link.path("addr_info")) {
                if (!info.path("scope").asString("").equals("link")) {
                    addresses.add(Address.parse(info.path("local").asString("")));
                }
            }
            interfaces.add(new LabInterface(link.path("ifname").asString(""), addresses));
        }
        return interfaces;
    }
}
