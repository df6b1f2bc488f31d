package io.wgfabric.api;

/** What an accepted command did. Events name things; {@link FabricView} has them. */
public sealed interface Event {

    record ClusterBootstrapped(ClusterId cluster) implements Event {}

    record TokenCreated(TokenId token) implements Event {}

    record TokenRevoked(TokenId token) implements Event {}

    record NodeJoined(NodeId node) implements Event {}

    /** Its keys, endpoints, state or rotation changed. */
    record NodeChanged(NodeId node) implements Event {}

    record NodeRemoved(NodeId node) implements Event {}

    record RefusalRecorded() implements Event {}

    record LevelRaised(int level) implements Event {}

    record ClusterRecovered(long epoch) implements Event {}

    record SealingKeyRotated(int generation) implements Event {}

    record PoolAdded(Prefix pool) implements Event {}

    record AddressReserved(Address address, NodeName name) implements Event {}

    /** Its reservation was dropped, or its rest ended. */
    record AddressReleased(Address address) implements Event {}

    record OperatorCreated(OperatorId operator) implements Event {}

    record OperatorRevoked(OperatorId operator) implements Event {}

    /** Another one is known, used, or retired. */
    record SigningKeyChanged(SigningKey key, SigningKeys keys) implements Event {}

    record MeshPolicySet(MeshPolicy policy) implements Event {}

    /** Or were so already. */
    record PresharedKeysSet(PresharedKeys keys) implements Event {}
}
