package io.wgfabric.simulation.containers;

/**
 * What admits nodes.
 *
 * @param id its name, by which it is revoked
 * @param text the secret; shown nowhere
 */
public record JoinToken(String id, String text) {
    @Override
    public String toString() {
        return "JoinToken[" + id + "]";
    }
}
