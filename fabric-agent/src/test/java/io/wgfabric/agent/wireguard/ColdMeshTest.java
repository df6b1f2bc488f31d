package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More nodes than begin at a time, all started at once. By hand {@link ColdMesh} has as many as the machine bears. */
class ColdMeshTest {
    private static final int NODES = FirstHandshakes.AT_ONCE + 4;

    @Test
    @Timeout(180)
    void aMeshThatStartsAtOnceComesUp() throws Exception {
        Lab.openOrSkip().close();
        ColdMesh.Figures figures = ColdMesh.run(NODES, true);
        assertEquals(NODES * (NODES - 1), figures.up(), figures::toString);
    }
}
