package io.wgfabric.simulation.netns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.wgfabric.api.Address;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LabNamesTest {

    @Test
    void twoLabsOfOneProcessHaveDifferentNames() {
        assertNotEquals(LabId.next(), LabId.next());
    }

    @Test
    void aNamespaceTellsItsLab() {
        LabId id = new LabId(4711, 2);
        assertEquals("fab4711n2-p1", id.namespace("p1"));
        assertEquals(Optional.of(id), LabId.ofNamespace("fab4711n2-p1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"fab4711n2", "fab-p1", "fabric-p1", "fab4711-p1", "cni-4711", "xfab1n1-p1", "fab1n1x-p1", ""})
    void whatIsNotOfALabIsLeftAlone(String namespace) {
        assertEquals(Optional.empty(), LabId.ofNamespace(namespace));
    }

    @Test
    void interfacesAreReadWithoutTheAddressesOfTheLink() {
        String json = """
                [{"ifname":"lo","addr_info":[]},
                 {"ifname":"wgf0","mtu":1420,"addr_info":[
                  {"family":"inet","local":"100.64.0.3","prefixlen":32,"scope":"global"},
                  {"family":"inet6","local":"fd00::3","prefixlen":128,"scope":"global"},
                  {"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]}]
                """;
        assertEquals(
                List.of(
                        new LabInterface("lo", List.of()),
                        new LabInterface("wgf0", List.of(Address.parse("100.64.0.3"), Address.parse("fd00::3")))),
                LabInterface.parse(json));
    }
}
